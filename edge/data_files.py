"""Where the files that come with Vitrina lie: weights, example configurations, the demo store."""

from pathlib import Path

from edge.errors import ConfigError

_PARENT = Path(__file__).resolve().parents[1]
_ROOTS = (_PARENT, _PARENT / "vitrina" / "_data")


def find_data(relative: str) -> Path:
    """The file `relative`, such as "models/manifest.toml", in a checkout or in an installed wheel.

    Raises:
        ConfigError: this installation lacks it.
    """
    for root in _ROOTS:
        if (root / relative).exists():
            return root / relative
    raise ConfigError(f"{relative} is missing from this installation (looked in {_ROOTS[0]}); install vitrina again")
