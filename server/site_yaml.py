"""A site's document as the file people write by hand: comments, and points on one line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes what fits on a line on one line: points, corners, point pairs."""


def _list(dumper: _Dumper, items: list[Any]) -> yaml.Node:
    plain = not any(isinstance(item, Mapping) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)


def _map(dumper: _Dumper, items: dict[str, Any]) -> yaml.Node:
    short = items.keys() <= {"image", "floor_m", "mark"}
    return dumper.represent_mapping("tag:yaml.org,2002:map", items, flow_style=short)


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    """What is not printable is escaped: PyYAML takes some of it for line breaks and cannot write it as a name."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.add_representer(dict, _map)


def _on_a_line(text: str) -> str:
    """As a comment can hold it."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def dump_site(document: Mapping[str, Any], *, saved_by: str, saved_at: datetime) -> str:
    """YAML that the loaders of box and server read back to the same document; `saved_at` in the site's time."""
    version = document.get("version", 1)
    head = (
        f"# {_on_a_line(str(document.get('name') or document['site']))}, version {version}, "
        f"saved by {_on_a_line(saved_by)} at {saved_at:%Y-%m-%d %H:%M %z}.\n"
        "# Box and server read this file. Raise `version` with each change by hand: the higher one is in force.\n\n"
    )
    order = {"site": document["site"], "version": version}
    body = yaml.dump(order | dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return head + body
