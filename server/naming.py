"""Ids made from names that people give."""

import re
import unicodedata
from collections.abc import Container
from itertools import count

LONGEST = 48
_CYRILLIC = {
    **dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeezijklmnoprstufye", strict=True)),
    **{"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"},
}


def id_for(name: str, taken: Container[str], *, otherwise: str) -> str:
    """A free id that looks like `name`: `warm-at-four`, `warm-at-four-2`; like `otherwise` where nothing is left."""
    latin = "".join(_CYRILLIC.get(sign, sign) for sign in name.lower())
    plain = unicodedata.normalize("NFKD", latin).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-") or otherwise
    if stem not in taken:
        return stem
    return next(made for n in count(2) if (made := f"{stem}-{n}") not in taken)
