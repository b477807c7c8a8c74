import pytest

from server.admission import LARGEST_TOLD, Rules, admit_told
from server.errors import RefusedError

RULES = Rules({"shop"}, 0.0)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("vitrina/v1/shop/loyalty/in/receipts", b" " * (LARGEST_TOLD + 1), "too_large"),
        ("vitrina/v1/attic/loyalty/in/receipts", b"{}", "unknown_site"),
        ("vitrina/v1/shop/loyalty/in", b"{}", "topic"),
        ("vitrina/v1/shop/loyalty/out/receipts", b"{}", "topic"),
        ("vitrina/v1/shop/loyalty/in/receipts", b"[]", "malformed"),
        ("vitrina/v1/shop/loyalty/in/receipts", b'{"a":' * 100_000, "malformed"),
        ("vitrina/v1/shop/loyalty/in/receipts", b"\xff\xfe\x00", "malformed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_not_admitted(topic, payload, reason):
    with pytest.raises(RefusedError) as refused:
        admit_told(topic, payload, rules=RULES, now=1e9)
    assert refused.value.reason == reason
