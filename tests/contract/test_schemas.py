from pathlib import Path

from contract.schemas import documents, text

COMMITTED = Path(__file__).parents[2] / "docs" / "schemas"


def test_committed_schemas_are_what_the_models_say():
    """Renew with `python -m contract.schemas docs/schemas`, and read the difference: the wire is a promise."""
    made = {name: text(document) for name, document in documents().items()}
    assert {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.iterdir()} == made


def test_nothing_of_a_person_has_a_place_on_the_wire():
    words = text(
        {name: schema["properties"] for name, schema in documents().items() if name.startswith("vitrina.")}
    ).lower()
    for word in ("track_id", "xyxy", "embedding", "crop", "pixel", "path", "face"):
        assert word not in words
