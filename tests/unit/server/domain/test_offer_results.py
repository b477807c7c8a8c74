import pytest

from server.domain.intervals import Estimate
from server.domain.offer_results import offer_results
from server.domain.offers import Judged, Offer


@pytest.fixture
def judge(make_days):
    """`judge(Judged(...), ended=5, cost=100)`: the results of offers that held two weeks, by name."""

    def results(*judged, ended=5, cost=0.0):
        days = make_days(30)
        last = int(days.day[-1]) - ended
        offers = [Offer(each.offer, last - 13, last, cost=cost) for each in judged]
        return {each.offer: each for each in offer_results(days, offers, judged)}

    return results


def judged(offer, net, *, half=10.0, p=1e-6, discount=100.0, **more):
    return Judged(offer, "estimated", net=Estimate(net, net - half, net + half), p=p, discount=discount, **more)


def test_roi_is_incremental_margin_less_cost_over_cost(judge):
    found = judge(judged("sale", 50.0), cost=200.0)["sale"]
    assert (found.discount, found.cost) == (100.0, 100.0)
    assert found.brought == Estimate(250.0, 240.0, 260.0)
    assert found.roi == Estimate(0.25, 0.2, 0.3)


def test_what_gives_nothing_away_has_no_roi_and_what_is_not_known_is_not_free(judge):
    found = judge(judged("mailing", 50.0, discount=0.0), judged("unknown", 50.0, discount=None))
    assert found["mailing"].brought == found["mailing"].net
    assert found["mailing"].roi is None
    assert (found["unknown"].brought, found["unknown"].roi) == (None, None)


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (judged("a", 50.0), "pays"),
        (judged("a", -50.0), "loses"),
        (judged("a", 5.0, p=0.3), "unclear"),
        (judged("a", -12.0, p=0.02), "unclear"),  # below 0, and not beyond chance
        (judged("a", -50.0, sold_anyway=Estimate(0.8, 0.7, 0.9), drew_p=1e-6), "others"),
        (Judged("a", None, needs_days=4, gathered=0.9), "waits"),
    ],
)
def test_the_verdict(judge, one, verdict):
    assert judge(one)["a"].verdict == verdict


def test_the_best_stands_first_and_what_is_not_known_last(judge):
    found = judge(judged("poor", -50.0), Judged("new", None, needs_days=4), judged("good", 50.0), judged("fair", 20.0))
    assert list(found) == ["good", "fair", "poor", "new"]


def test_what_following_the_verdict_brings(judge):
    found = judge(judged("drop", -50.0), judged("keep", 50.0))
    assert found["drop"].saves == Estimate(50.0, 40.0, 60.0)
    assert found["keep"].saves is None


def test_old_offers_are_a_family_of_their_own(make_days):
    """Twenty old ones that do nothing do not take the verdict from one that holds now."""
    days, old = make_days(120), [judged(f"old{i}", 0.0, p=0.9) for i in range(20)]
    first, last = int(days.day[0]), int(days.day[-1])
    ended = [Offer(each.offer, first, first + 13) for each in old]
    now = Offer("now", last - 13, last)
    results = offer_results(days, [*ended, now], [*old, judged("now", -50.0, p=0.008)])
    assert {each.offer: each.verdict for each in results}["now"] == "loses"
    among = offer_results(
        days, [*(Offer(each.offer, last - 13, last) for each in old), now], [*old, judged("now", -50.0, p=0.008)]
    )
    assert {each.offer: each.verdict for each in among}["now"] == "unclear"
