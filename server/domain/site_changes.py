"""What differs between two documents of a site, in words and by key; and two people's changes put together.

A document is compared in its parts: a zone, line or screen as a whole, a camera by its fields, the floor by its fields.
A part's key is its path, such as `zones.bakery` or `cameras.door.calibration`. Documents are as JSON, without defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Json = Mapping[str, Any]

NAMED = ("zones", "lines", "screens")
PLACE = frozenset({"polygon", "polygon_m", "ends", "ends_m", "at_m", "facing_deg", "camera"})
NOT_COMPARED = frozenset({"version", "site"})


@dataclass(frozen=True, slots=True)
class Merge:
    """Two people's changes of one document. Keys by who changed them; `document` None where both changed one."""

    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    both: tuple[str, ...]
    document: dict[str, Any] | None


def parts(document: Json) -> dict[str, Any]:
    """The document's parts by key."""
    found: dict[str, Any] = {}
    for key, value in document.items():
        if key in NAMED:
            found |= {f"{key}.{name}": part for name, part in value.items()}
        elif key == "cameras":
            for name, camera in value.items():
                found[f"{key}.{name}"] = {}
                found |= {f"{key}.{name}.{field}": part for field, part in camera.items()}
        elif key == "floor" and value is not None:
            found |= {f"{key}.{field}": part for field, part in value.items()}
        elif key not in NOT_COMPARED:
            found[key] = value
    return found


def whole(found: Mapping[str, Any]) -> dict[str, Any]:
    """The document of these parts."""
    document: dict[str, Any] = {}
    for key, part in sorted(found.items(), key=lambda item: item[0].count(".")):
        *path, last = key.split(".")
        place = document
        for step in path:
            place = place.setdefault(step, {})
        place[last] = dict(part) if isinstance(part, Mapping) else part
    return document


def changed_keys(before: Json, after: Json) -> frozenset[str]:
    """Keys of the parts that were added, removed or altered."""
    old, new = parts(before), parts(after)
    return frozenset(key for key in old.keys() | new.keys() if old.get(key, ...) != new.get(key, ...))


def merge(base: Json, mine: Json, theirs: Json) -> Merge:
    """Both people's changes of `base` in one document, where no part was changed by both differently."""
    my_keys, their_keys = changed_keys(base, mine), changed_keys(base, theirs)
    my_parts, their_parts = parts(mine), parts(theirs)
    alike = {key for key in my_keys & their_keys if my_parts.get(key, ...) == their_parts.get(key, ...)}
    both = {key for key in my_keys - alike if _touches(key, their_keys)}
    both |= {key for key in their_keys - alike if _touches(key, my_keys)}
    document = None
    if not both:
        joined = {key: part for key, part in their_parts.items() if key not in my_keys}
        joined |= {key: my_parts[key] for key in my_keys if key in my_parts}
        document = {key: theirs[key] for key in NOT_COMPARED if key in theirs} | whole(joined)
    return Merge(
        mine=tuple(sorted(my_keys - both)),
        theirs=tuple(sorted(their_keys - both)),
        both=tuple(sorted(both)),
        document=document,
    )


def _touches(key: str, others: frozenset[str]) -> bool:
    """Whether `key` is one of `others`, within one, or around one."""
    return any(key == other or key.startswith(f"{other}.") or other.startswith(f"{key}.") for other in others)


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one part. `text` tells it in English."""

    key: str
    verb: Literal["added", "removed", "moved", "renamed", "changed"]
    text: str


def changes(before: Json, after: Json) -> list[Change]:
    """What was done to `before` to have `after`, by key."""
    old, new = parts(before), parts(after)
    keys = sorted(changed_keys(before, after))
    shown = [key for key in keys if not any(key.startswith(f"{other}.") for other in keys)]
    return [_change(key, old.get(key), new.get(key)) for key in shown]


def _change(key: str, old: Any, new: Any) -> Change:  # noqa: ANN401 - parts of any shape
    if old is None:
        return Change(key, "added", f"{key} added")
    if new is None:
        return Change(key, "removed", f"{key} removed")
    if key.endswith(".calibration"):
        return Change(key, "moved", f"{key}: {_points(old, new)}")
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _alteration(key, old, new)
    return Change(key, "changed", f"{key} changed")


def _points(old: Json, new: Json) -> str:
    before, after = old["points"], new["points"]
    if len(before) != len(after):
        return f"{len(before)} points, now {len(after)}"
    moved = sum(a != b for a, b in zip(before, after, strict=True))
    return f"{moved} of {len(after)} points moved"


def _alteration(key: str, old: Json, new: Json) -> Change:
    fields = {field for field in old.keys() | new.keys() if old.get(field) != new.get(field)}
    if fields <= PLACE:
        return Change(key, "moved", f"{key} moved")
    if fields == {"name"}:
        return Change(key, "renamed", f"{key} renamed to {new.get('name', '')!r}")
    return Change(key, "changed", f"{key}: {', '.join(sorted(fields))} changed")
