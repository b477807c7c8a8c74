"""How store.yaml was made: `python make_store.py > store.yaml`.

An invented supermarket. Its cameras are calibrated as an integrator would do it, from poses that somebody with a drill
could have chosen: five at 4 m, so placed that most of the floor is seen and some views overlap.
"""

import sys
from typing import Any

import yaml

from contract.site import Floor
from vitrina.simulate.cameras import Pose, calibrated

Box = tuple[float, float, float, float]
SIZE_M = (40.0, 30.0)
SHELF_M = 1.25
"""Aisle shelves one can look over."""

POSES = {
    "west": ("Fruit and entrance", Pose((1.0, 27.4), 4.0, 318, 48, 106, -0.04)),
    "north": ("Bakery and coolers", Pose((9.9, 1.0), 4.0, 54, 39, 106, -0.04)),
    "aisles": ("Aisles and promotion", Pose((17.9, 21.6), 4.0, 244, 43, 106)),
    "east": ("Drinks and aisles", Pose((28.0, 5.2), 4.0, 70, 44, 106, -0.04)),
    "tills": ("Tills and exit", Pose((39.1, 29.5), 4.0, 225, 47, 106, -0.04)),
}


def box(x0: float, y0: float, x1: float, y1: float) -> list[list[float]]:
    """A rectangle's corners, metres."""
    return [[round(x, 2), round(y, 2)] for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]


def fixtures() -> list[dict[str, Any]]:
    """What stands on the floor."""
    shelves: list[tuple[str, Box, float]] = [
        ("Bread", (2.2, 0.0, 8.4, 1.1), 2.0),
        ("Bread", (0.0, 1.2, 1.1, 10.8), 2.0),
        ("Coolers", (9.5, 0.0, 30.5, 1.1), 2.0),
        ("Drinks", (38.7, 6.2, 40.0, 22.4), 2.0),
        ("Fruit", (0.0, 12.6, 1.1, 22.6), 1.8),
    ]
    for i in range(7):
        x = 11.0 + 3.4 * i
        shelves += [("", (x, 5.8, x + 1.2, 11.9), SHELF_M), ("", (x, 13.8, x + 1.2, 19.9), SHELF_M)]
    tables: list[tuple[str, Box]] = [
        ("Bread rolls", (3.6, 4.1, 6.6, 5.3)),
        ("Cakes", (3.6, 7.4, 6.6, 8.5)),
        ("Freezers", (13.6, 3.1, 18.5, 4.0)),
        ("Freezers", (20.5, 3.1, 25.5, 4.0)),
        ("Pallets", (34.7, 7.4, 36.7, 11.1)),
        ("Pallets", (34.7, 14.2, 36.7, 18.6)),
        *(("", (x, y, x + 2.2, y + 1.3)) for y in (13.2, 16.2, 19.2) for x in (2.6, 6.2)),
        *(("Offers", (x, 21.6, x + 1.4, 22.6)) for x in (12.6, 18.4, 27.4)),
    ]
    tills: list[tuple[str, Box]] = [
        *((f"Till {i + 1}", (x, 25.0, x + 0.9, 27.6)) for i, x in enumerate((19.2, 21.7, 24.2, 26.7))),
        *(("", (x, y, x + 0.6, y + 0.6)) for y in (25.0, 26.7) for x in (30.2, 32.2, 34.2)),
    ]
    return [
        *({"name": name, "kind": "shelf", "height_m": tall, "polygon_m": box(*at)} for name, at, tall in shelves),
        *({"name": name, "kind": "table", "polygon_m": box(*at)} for name, at in tables),
        *({"name": name, "kind": "till", "polygon_m": box(*at)} for name, at in tills),
        {"name": "Railing", "kind": "wall", "height_m": 1.0, "polygon_m": box(34.2, 28.4, 34.4, 30)},
        {"name": "Staff only", "kind": "closed", "polygon_m": box(31, 0, 40, 5)},
        {"name": "Service desk", "kind": "closed", "height_m": 1.3, "polygon_m": box(10.6, 24.4, 17.6, 30)},
    ]


def zones() -> dict[str, dict[str, Any]]:
    """Where to count."""
    goods: list[tuple[str, str, Box]] = [
        ("bakery", "Bakery", (1.1, 1.1, 9.0, 10.8)),
        ("fruit", "Fruit and vegetables", (1.1, 12.0, 10.0, 22.4)),
        ("dairy", "Dairy", (9.5, 1.1, 19.4, 3.0)),
        ("meat", "Meat and fish", (19.6, 1.1, 30.5, 3.0)),
        *((f"aisle_{i + 1}", f"Aisle {i + 1}", (12.2 + 3.4 * i, 5.8, 14.4 + 3.4 * i, 19.9)) for i in range(6)),
        ("drinks", "Drinks", (33.0, 6.2, 38.7, 20.0)),
        ("promotion", "Promotion", (11.0, 20.6, 30.0, 23.4)),
    ]
    queues: list[tuple[str, str, Box]] = [
        ("tills", "Tills", (17.9, 24.5, 28.9, 27.8)),
        ("self_checkout", "Self-checkout", (29.2, 24.3, 35.6, 27.6)),
    ]
    doors: list[tuple[str, str, Box]] = [
        ("entrance", "Entrance", (3.2, 25.4, 9.6, 30)),
        ("exit", "Exit", (34.4, 27.8, 39.6, 30)),
    ]
    wait = {"engaged_s": 30, "longest_wait_s": 240}
    return {
        **{key: {"name": name, "kind": "category", "polygon_m": box(*at)} for key, name, at in goods},
        **{key: {"name": name, "kind": "queue", **wait, "polygon_m": box(*at)} for key, name, at in queues},
        **{key: {"name": name, "kind": "entrance", "polygon_m": box(*at)} for key, name, at in doors},
    }


def segments() -> dict[str, dict[str, Any]]:
    """Whom the demo tells apart: by what is seen of a visit, never by who it is."""
    stopped, passed = (
        {"stopped": {"zone": "bakery"}},
        {"visited": {"zone": "bakery"}, "unless": {"stopped": {"zone": "bakery"}}},
    )
    when: dict[str, tuple[str, dict[str, Any]]] = {
        "alone": ("Alone", {"group": {"at_most": 1}}),
        "group": ("In a group", {"group": {"at_least": 2}}),
        "trolley": ("Trolley", {"transport": ["cart"]}),
        "luggage": ("With luggage", {"transport": ["suitcase", "backpack"]}),
        "bread": ("Stops at the bakery", stopped),
        "bread_not": ("Passes the bakery", passed),
    }
    return {key: {"name": name, "when": predicate} for key, (name, predicate) in when.items()}


def document() -> dict[str, Any]:
    """The whole store."""
    width, height = SIZE_M
    floor = {"bounds_m": [[0, 0], [width, height]], "cell_m": 0.5, "outline_m": box(0, 0, width, height)}
    floor["fixtures"] = fixtures()
    known = Floor.model_validate(floor)
    cameras = {
        key: calibrated(pose, known, name=name, size_px=(1280, 720), smallest_person=0.04)
        for key, (name, pose) in POSES.items()
    }
    screens: list[tuple[str, str, float, float, int, str]] = [
        ("coolers", "Over the coolers", 14.5, 0.9, 90, "dairy"),
        ("bread", "By the bread", 0.7, 6.0, 0, "bakery"),
        ("offers", "Offers", 16.2, 20.2, 90, "promotion"),
        ("welcome", "Welcome", 10.5, 26.5, 180, "entrance"),
        ("queue", "Behind the tills", 24.5, 28.6, 270, "tills"),
    ]
    return {
        "site": "harbour-street",
        "version": 1,
        "name": "Harbour Street 14",
        "timezone": "Europe/Berlin",
        "most_people": 60,
        "floor": floor,
        "cameras": {key: camera.model_dump(mode="json", exclude_defaults=True) for key, camera in cameras.items()},
        "zones": zones(),
        "lines": {
            "door_west": {"name": "West door", "entrance": True, "ends_m": [[8.6, 28.8], [2.6, 28.8]]},
            "door_east": {"name": "East door", "entrance": True, "ends_m": [[39.6, 28.8], [34.4, 28.8]]},
        },
        "screens": {
            key: {"name": name, "at_m": [x, y], "facing_deg": facing, "zone": zone}
            for key, name, x, y, facing, zone in screens
        },
        "segments": segments(),
    }


if __name__ == "__main__":
    sys.stdout.write(
        "# The demo's second store: an invented supermarket, made by make_store.py; x right, y down, metres.\n"
    )
    yaml.safe_dump(document(), sys.stdout, sort_keys=False, default_flow_style=None, width=150, allow_unicode=True)
