"""Numbers that stand for names where these do not fit: a name's own number if it has one, else the next free one."""

import re
from collections.abc import Mapping

_OWN = re.compile(r"(\d{1,3})\D*$")


def of(names: Mapping[str, str]) -> dict[str, str]:
    """A number of its own for each key, by its name."""
    short: dict[str, str] = {}
    for key, name in names.items():
        own = _OWN.search(name)
        if own and own[1] not in short.values():
            short[key] = own[1]
    free = (str(n) for n in range(1, len(names) * 2 + 2) if str(n) not in short.values())
    return {key: short.get(key) or next(free) for key in names}
