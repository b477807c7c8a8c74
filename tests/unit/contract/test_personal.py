import pytest
from pydantic import ValidationError

from contract.loyalty import SUBJECTS, Article, Receipt, Receipts, SurveyCount, Told
from contract.personal import PersonalKeyError, names_person, refuse_personal, tells_person

LINE = {"category": "coffee", "gross": "2.50"}
RECEIPT = {"id": "r-1", "t": "2026-05-04T10:01:07Z", "has_card": True, "lines": [LINE]}


@pytest.mark.parametrize(
    "key",
    [
        "card", "cards", "card_number", "cardNumber", "CardNo", "loyalty_card", "loyalty-card-id", "cardholder", "pan",
        "phone", "phone1", "mobile", "telephone_number", "E-Mail", "email", "customerEmail", "e_mail_hash",
        "customer", "customer_id", "clientName", "member", "member_id", "buyer", "user_id", "guest",
        "first_name", "lastName", "surname", "full name", "cashier", "employee_no", "address", "birthday", "birth_date",
        "dob", "passport", "iban", "device_id", "imei", "ip", "face", "track_id", "Номер карты", "Телефон", "ФИО",
        "Покупатель", "дата рождения",
    ],
)  # fmt: skip
def test_a_key_that_could_name_a_person(key):
    assert names_person(key)
    with pytest.raises(PersonalKeyError, match="could name a person"):
        refuse_personal({"receipts": [{"lines": [{"more": {key: "x"}}]}]})


def test_keys_of_the_contract_name_nobody():
    models = [model for model in _models(Told) if model is not Told]
    assert len(models) > 20
    assert [(model.__name__, key) for model in models for key in model.model_fields if names_person(key)] == []


def _models(model):
    return [model, *(each for child in model.__subclasses__() for each in _models(child))]


@pytest.mark.parametrize("key", ["category", "наименование", "card_type", "panel", "discount", "tracking", "ship_date"])
def test_other_keys_are_not_personal(key):
    assert not names_person(key)


def test_what_is_refused_is_not_repeated():
    with pytest.raises(PersonalKeyError) as refused:
        refuse_personal({"phone": "+7 916 123-45-67"})
    assert "916" not in str(refused.value)


@pytest.mark.parametrize("place", ["receipt", "line"])
def test_a_receipt_has_no_name(place):
    receipt = RECEIPT | {"name": "Ivan"} if place == "receipt" else RECEIPT | {"lines": [LINE | {"name": "Ivan"}]}
    with pytest.raises(ValidationError, match="'name' could name a person"):
        Receipt.model_validate(receipt)


def test_a_personal_key_deep_inside_is_told_as_that_and_not_as_unknown():
    with pytest.raises(ValidationError, match="'email' could name a person"):
        Receipts.model_validate({"currency": "EUR", "receipts": [RECEIPT], "more": [[{"a": {"email": 1}}]]})


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Anna, anna@example.org", "an e-mail address"),
        ("+7 916 123-45-67", "a telephone number"),
        ("call +491701234567", "a telephone number"),
        ("8 (916) 123-45-67", "a telephone number"),
        ("(916) 123-45-67", "a telephone number"),
        ("4111 1111 1111 1111", "a card's number"),
        ("card 4111-1111-1111-1111", "a card's number"),
        ("378282246310005", "a card's number"),
        ("3782 822463 10005", "a card's number"),
        ("4111 1111 1111 1112", None),
        ("Promotion 01.12.2026 - 24.12.2026", None),
        ("2026-12-01 2026-12-24", None),
        ("Milk 3,2 % 900 ml", None),
        ("A+1000 tablets", None),
        ("Tea @ home", None),
        ("ул. кофе 8 шт. 250 г", None),
    ],
)
def test_a_text_that_looks_like_a_person(text, what):
    assert tells_person(text) == what


def test_names_and_answers_are_looked_at():
    with pytest.raises(ValidationError, match="looks like an e-mail address") as refused:
        Article.model_validate({"sku": "1", "name": "anna@example.org", "category": "tea"})
    assert "anna" not in refused.value.errors()[0]["msg"]
    count = {"survey": "s", "question": "q", "name": "How was it?", "day": "2026-05-04", "n": 1}
    with pytest.raises(ValidationError, match="looks like a telephone number"):
        SurveyCount.model_validate(count | {"answer": "+49 170 1234567"})


def test_a_receipts_id_may_be_any_number():
    """One number in ten has a card's check digit, and the id is kept as a keyed hash only."""
    assert Receipt.model_validate(RECEIPT | {"id": "4111111111111111"}).id == "4111111111111111"


def test_every_subject_refuses_a_person():
    for model in SUBJECTS.values():
        with pytest.raises(ValidationError, match="could name a person"):
            model.model_validate({"customer_id": 1})
