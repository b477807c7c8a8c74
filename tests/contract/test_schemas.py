from pathlib import Path

from contract.schemas import documents, text

COMMITTED = Path(__file__).parents[2] / "docs" / "schemas"


def test_committed_schemas_are_what_the_models_say():
    """Renew with `python -m contract.schemas docs/schemas`, and read the difference: the wire is a promise."""
    made = {name: text(document) for name, document in documents().items()}
    assert {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.iterdir()} == made


def test_nothing_of_a_person_has_a_place_on_the_wire():
    words = text({name: schema for name, schema in documents().items() if name.startswith("vitrina.")}).lower()
    for word in ("track_id", "xyxy", "embedding", "crop", "pixel", "path", "face"):
        assert word not in words


def test_the_still_for_set_up_is_the_only_message_with_a_place_for_a_picture():
    messages = {name: text(schema).lower() for name, schema in documents().items() if name.startswith("vitrina.")}
    for word in ("jpeg", "base64"):
        assert [name for name, words in messages.items() if word in words] == ["vitrina.still.schema.json"]
    assert not [name for name, words in messages.items() if "contentencoding" in words or '"binary"' in words]
