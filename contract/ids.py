"""Names that travel: short, lower-case, safe in a topic, a path and a URL."""

from typing import Annotated

from pydantic import StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""A site, box, camera, zone, line, screen or category. 1 to 64 of a-z, 0-9, `_`, `-`."""
