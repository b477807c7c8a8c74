from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.campaign_document import CampaignDocument
from server.web.campaign_form import fields_of, read, rows

KEYS = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
TEXTS = st.text("abc xyzäж%", min_size=1, max_size=20).map(str.strip).filter(bool)
PERCENT = st.integers(1, 100).map(lambda n: n / 100)
CLOCKS = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda hm: f"{hm[0]:02}:{hm[1]:02}")
AMOUNTS = st.integers(1, 10**8) | st.floats(0.01, 1e6).map(lambda x: round(x, 2))
WEEKDAYS = st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1).map(sorted)

SEGMENT = st.fixed_dictionaries(
    {"kind": st.just("segment"), "segment": KEYS, "at_least": st.sampled_from([5, 10, 20])},
    optional={"share": PERCENT, "over": st.sampled_from(["now", "lately"]), "unless": st.booleans()},
)
NEAR = st.fixed_dictionaries({"kind": st.just("near"), "at_least": st.integers(1, 500), "unless": st.booleans()})
TRIGGER = st.fixed_dictionaries({"kind": st.just("trigger"), "name": KEYS, "value": TEXTS, "unless": st.booleans()})
FLIGHTS = st.tuples(st.dates(date(2020, 1, 1), date(2090, 1, 1)), st.integers(0, 700)).map(
    lambda given: {"first": given[0].isoformat(), "last": (given[0] + timedelta(days=given[1])).isoformat()}
)
ARMS = st.tuples(st.integers(10, 100), st.integers(0, 90)).filter(lambda pair: sum(pair) <= 100)


@st.composite
def campaigns(draw):
    nothing, everyone = draw(ARMS)
    parts = st.tuples(WEEKDAYS, CLOCKS, CLOCKS | st.just("24:00"))
    return {
        "name": draw(TEXTS),
        "creatives": draw(st.lists(KEYS, min_size=1, max_size=4)),
        "flights": draw(st.lists(FLIGHTS, min_size=1, max_size=4)),
        "dayparts": [
            {"weekdays": days, "hours": f"{start}-{'24:00' if end == '00:00' else end}"}
            for days, start, end in draw(st.lists(parts, max_size=3))
        ],
        "screens": draw(st.lists(KEYS, max_size=3)),
        "groups": draw(st.lists(KEYS, max_size=3)),
        "rules": draw(st.lists(NEAR | TRIGGER | SEGMENT, max_size=3)),
        "goal": {"kind": draw(st.sampled_from(["plays", "visits", "uplift"])), "amount": draw(st.none() | AMOUNTS)},
        "budget": draw(st.none() | st.builds(lambda a, b: {"amount": a, "per_play": b, "currency": "RUB"}, AMOUNTS, st.just(0.25))),
        "category": draw(st.none() | KEYS),
        "rivals": draw(st.lists(KEYS, max_size=3)),
        "promotes": draw(st.none() | KEYS),
        "share_of_voice": draw(st.none() | PERCENT),
        "plays_per_hour": draw(st.none() | st.integers(1, 3600)),
        "priority": draw(st.integers(1, 5)),
        "pacing": draw(st.sampled_from(["even", "asap"])),
        "switch": draw(st.sampled_from(["now", "next"])),
        "arms": {
            "targeted": (100 - nothing - everyone) / 100, "everyone": everyone / 100, "nothing": nothing / 100,
            "same": draw(st.booleans()),
        },
    }  # fmt: skip


@given(campaigns())
def test_a_campaign_comes_back_from_its_form_as_it_was(raw):
    document = CampaignDocument.model_validate(raw)
    assert CampaignDocument.model_validate(read(fields_of(document))) == document


def test_what_is_no_number_stays_for_the_check_to_refuse():
    document = read({"name": ["A"], "goal_kind": ["plays"], "goal_amount": ["many"], "share_of_voice": ["half"]})
    assert document["goal"] == {"kind": "plays", "amount": "many"}
    assert document["share_of_voice"] == "half"
    assert document["name"] == "A"
    assert "budget" not in document


def test_numbers_are_read_as_people_write_them():
    fields = {"goal_amount": ["5 000"], "budget_amount": ["1\u00a0200,50"], "budget_per_play": ["0,25"]}
    document = read(fields)
    assert document["goal"]["amount"] == 5000
    assert document["budget"] == {"amount": 1200.5, "per_play": 0.25, "currency": "EUR"}


def test_hours_without_a_weekday_are_of_all_of_them_and_a_day_ends_at_midnight():
    (part,) = read({"part0_from": ["22:00"], "part0_to": ["00:00"]})["dayparts"]
    assert part == {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "hours": "22:00-24:00"}


def test_there_is_one_row_more_than_is_filled_in():
    assert list(rows({"flight0_first": ["x"], "flight2_last": ["y"]}, "flight", more=1)) == [0, 1, 2, 3]
    assert list(rows({}, "flight", more=1)) == [0]
