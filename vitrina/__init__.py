"""The one command line, the one-process demo and the replay."""
