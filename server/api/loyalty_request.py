"""How the documents that come in are described to who reads the API's description, with an example of each."""

from typing import Any

from contract.loyalty import SUBJECTS, Subject

Json = dict[str, Any]

EXAMPLES: dict[Subject, Json] = {
    "receipts": {
        "currency": "EUR",
        "receipts": [
            {
                "id": "till-2/2026-11-21/00417",
                "t": "2026-11-21T10:14:52+01:00",
                "has_card": True,
                "lines": [
                    {"category": "coffee", "quantity": 1, "gross": 2.5, "margin": 1.4},
                    {
                        "category": "bakery",
                        "gross": 1.8,
                        "discount": 0.2,
                        "offer": "croissant-week",
                        "coupon": "SCREEN10",
                    },
                ],
            },
            {
                "id": "till-2/2026-11-21/00418",
                "t": "2026-11-21T10:16:03+01:00",
                "kind": "return",
                "has_card": False,
                "lines": [{"sku": "4006381333931", "gross": 12.99}],
            },
        ],
    },
    "sales": {
        "currency": "EUR",
        "rows": [
            {"start": "2026-11-21T10:00:00+01:00", "minutes": 60, "receipts": 41, "card_receipts": 17, "gross": 803.2},
            {
                "start": "2026-11-21T10:00:00+01:00",
                "minutes": 60,
                "category": "coffee",
                "receipts": 14,
                "card_receipts": 5,
                "quantity": 16,
                "gross": 40.0,
                "margin": 22.4,
            },
        ],
    },
    "catalogue": {
        "categories": [
            {"category": "coffee", "name": "Coffee to go", "needs": "tap"},
            {"category": "ice-cream", "name": "Ice cream", "parent": "frozen-food", "needs": "frozen"},
        ],
        "articles": [{"sku": "4006381333931", "name": "Fountain pen", "category": "stationery"}],
    },
    "planogram": {
        "placings": [{"category": "coffee", "zone": "bakery", "since": "2026-09-01", "shelf_m": 2.4}],
        "places": [{"zone": "bakery", "shelf_m": 6.0, "has": ["tap", "counter"], "feature": False}],
    },
    "offers": {
        "currency": "EUR",
        "offers": [
            {
                "offer": "croissant-week",
                "name": "Croissant with every coffee",
                "kind": "bundle",
                "categories": ["bakery", "coffee"],
                "start": "2026-11-16",
                "end": "2026-11-22",
                "share_off": 0.1,
                "cost": 120,
                "groups": [
                    {"held_out": False, "members": 4000, "receipts": 910, "gross": 5460, "margin": 2184},
                    {"held_out": True, "members": 1000, "receipts": 205, "gross": 1230, "margin": 504.3},
                ],
            }
        ],
    },
    "affinities": {
        "affinities": [
            {
                "segment": "families",
                "category": "toys",
                "weekdays": [5],
                "from_hour": 10,
                "to_hour": 12,
                "share": 0.34,
                "receipts": 812,
                "start": "2026-08-01",
                "end": "2026-10-31",
            }
        ]
    },
    "programme": {
        "currency": "EUR",
        "periods": [
            {
                "start": "2026-10-01",
                "end": "2026-10-31",
                "members": 12400,
                "active": 4310,
                "joined": 260,
                "returned": 3700,
                "lapsed": 540,
                "card_receipts": 9800,
                "receipts": 23100,
                "card_gross": 196000,
                "gross": 388000,
                "cost": 5200,
            }
        ],
        "cohorts": [{"joined": "2026-05", "month": 5, "members": 310, "active": 121, "gross": 5203.4}],
    },
    "surveys": {
        "counts": [
            {"survey": "exit", "question": "recommend", "name": "Would you recommend us?", "nps": True}
            | {"day": "2026-11-20", "answer": "9", "n": 31}
        ]
    },
    "days": {
        "weather": [{"day": "2026-11-20", "temperature_c": 6.5, "rain_mm": 2.0}],
        "special": [{"day": "2026-12-24", "name": "Christmas Eve", "closed": False}],
    },
}


def _inlined(schema: Any, definitions: Json) -> Any:  # noqa: ANN401 - whatever a JSON Schema holds
    """A schema that refers to nothing outside itself: its own references mean another place in an OpenAPI document."""
    if isinstance(schema, list):
        return [_inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: _inlined(value, definitions) for key, value in schema.items() if key != "$defs"}


def _schema(subject: Subject) -> Json:
    schema = SUBJECTS[subject].model_json_schema()
    inlined: Json = _inlined(schema, schema.get("$defs", {}))
    return inlined


REQUEST: Json = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {"oneOf": [_schema(subject) for subject in SUBJECTS]},
            "examples": {subject: {"value": example} for subject, example in EXAMPLES.items()},
        }
    },
}
"""The body of the request, by subject."""
