import numpy as np

from server.domain.drift import FEWEST_WEEKS, Visits, drifts


def weeks(shares, of=1000):
    return [Visits(round(share * of), of) for share in shares]


USUAL = (0.20, 0.21, 0.19, 0.205, 0.195, 0.20)


def test_a_day_like_the_others_is_no_drift():
    found = drifts({"carts": (Visits(203, 1000), weeks(USUAL))})["carts"]
    assert not found.clear
    assert abs(found.usual - 0.2) < 1e-3


def test_a_day_far_off_is():
    found = drifts({"carts": (Visits(330, 1000), weeks(USUAL))})["carts"]
    assert found.clear
    assert found.share == 0.33


def test_less_is_a_drift_as_well():
    assert drifts({"carts": (Visits(110, 1000), weeks(USUAL))})["carts"].clear


def test_weeks_that_differ_much_make_it_harder():
    wild = (0.10, 0.33, 0.15, 0.28, 0.12, 0.30)
    assert not drifts({"carts": (Visits(330, 1000), weeks(wild))})["carts"].clear


def test_a_drift_too_small_to_matter_is_none_however_sure():
    many = drifts({"carts": (Visits(22_000, 100_000), weeks((0.2,) * 8, of=100_000))})["carts"]
    assert many.q < 0.01
    assert not many.clear


def test_few_weeks_or_few_visits_judge_nothing():
    assert drifts({"carts": (Visits(330, 1000), weeks(USUAL[: FEWEST_WEEKS - 1]))}) == {}
    assert drifts({"carts": (Visits(20, 30), weeks(USUAL))}) == {}
    assert drifts({}) == {}


def test_false_alarms_stay_under_a_twentieth_of_quiet_days():
    rng = np.random.default_rng(3)
    told = 0
    for _ in range(300):
        days = {}
        for key in range(6):
            shares = np.clip(rng.normal(0.2, 0.03, 9), 0.01, 1)
            day, *past = [Visits(int(n), 400) for n in rng.binomial(400, shares)]
            days[str(key)] = (day, past)
        told += any(found.clear for found in drifts(days).values())
    assert told / 300 < 0.08
