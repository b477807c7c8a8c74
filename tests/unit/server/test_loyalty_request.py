import json

from contract.loyalty import SUBJECTS
from server.api.loyalty_request import EXAMPLES, REQUEST


def test_every_subject_has_an_example_that_is_taken():
    assert EXAMPLES.keys() == SUBJECTS.keys()
    for subject, model in SUBJECTS.items():
        model.model_validate(EXAMPLES[subject])


def test_the_description_refers_to_nothing_outside_itself():
    body = REQUEST["content"]["application/json"]
    assert "$ref" not in json.dumps(body)
    assert [each["title"].lower() for each in body["schema"]["oneOf"]] == list(SUBJECTS)
