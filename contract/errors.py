"""The contract's errors; each message says what was wrong, where, and what to do."""


class ContractError(Exception):
    """Base of everything this package raises."""


class DocumentError(ContractError):
    """A configuration document does not fit its schema."""


class MessageError(ContractError):
    """A message is not one of ours: not JSON, of another schema version, or out of shape."""


class GeometryError(ContractError):
    """Points or shapes do not make what they are for: a calibration on one line, a camera behind its own picture."""
