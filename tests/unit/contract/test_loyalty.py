import pytest
from pydantic import ValidationError

from contract.loyalty import ReceiptLine, SalesRow

ROW = {"start": "2026-05-04T10:00:00Z", "receipts": 5, "card_receipts": 2, "gross": 10}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"gross": 1}, "category: missing"),
        ({"category": "tea", "gross": -1}, "kind return"),
        ({"category": "tea", "gross": 1, "discount": -1}, "kind return"),
        ({"category": "tea", "gross": "1,50"}, "valid decimal"),
        ({"category": "tea", "gross": 1.005}, "at most two decimal places"),
        ({"category": "tea", "gross": "NaN"}, "finite|within"),
        ({"category": "tea", "gross": 1, "quantity": 0}, "greater than 0"),
        ({"category": "Чай", "gross": 1}, "pattern"),
        ({"category": "tea", "gross": 10**11}, "within"),
    ],
)
def test_a_line_that_is_not_taken(line, fault):
    with pytest.raises(ValidationError, match=fault):
        ReceiptLine.model_validate(line)


def test_an_article_stands_for_its_category():
    assert ReceiptLine.model_validate({"sku": "4006381333931", "gross": 1}).category is None


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"card_receipts": 6}, "more than receipts"),
        ({"start": "2026-05-04T10:05:00Z"}, "quarter of an hour"),
        ({"start": "2026-05-04T10:00:00"}, "timezone"),
        ({"minutes": 45}, "Input should be"),
    ],
)
def test_a_row_of_sales_that_is_not_taken(row, fault):
    with pytest.raises(ValidationError, match=fault):
        SalesRow.model_validate(ROW | row)


def test_hours_may_begin_at_half_past_in_utc():
    assert SalesRow.model_validate(ROW | {"start": "2026-05-04T10:00:00+05:30"}).minutes == 60
