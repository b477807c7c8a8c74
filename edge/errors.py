"""The edge's errors; each message says what was wrong, where, and what to do."""


class EdgeError(Exception):
    """Base of everything this package raises."""


class ConfigError(EdgeError):
    """A configuration is wrong; the box does not start with it."""


class SourceError(EdgeError):
    """A camera or recording cannot be read."""


class ModelError(EdgeError):
    """A model file is missing, not the one the manifest names, or of an unknown layout."""


class DiskError(EdgeError):
    """The disk does not take what is to be kept: full, read-only or failing."""


class StillError(EdgeError):
    """A still for set-up cannot be made now."""


class WallError(EdgeError):
    """What came over the wall is not one of the shapes that may cross it."""
