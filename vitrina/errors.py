"""The command line's own errors; each message says what was wrong, where, and what to do."""


class VitrinaError(Exception):
    """Base of everything this package raises itself."""


class DemoError(VitrinaError):
    """A part of the demo did not come up, or ended."""


class OutputError(VitrinaError):
    """The disk does not take a command's results."""


class ExportError(VitrinaError):
    """A server does not answer, or refuses to."""


class SimulationError(VitrinaError):
    """A store cannot be simulated: nowhere to walk, nothing to go to, or a site that lacks what is asked for."""
