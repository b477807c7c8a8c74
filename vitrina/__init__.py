"""The one command line, the one-process demo and the replay."""

from importlib.metadata import version

__version__ = version("vitrina")
