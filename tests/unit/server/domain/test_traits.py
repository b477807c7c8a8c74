import numpy as np
import pytest

from contract.messages import Confusion
from contract.segments import Segment
from server.domain.traits import trait_segments, trait_shares

GENDER = Confusion.model_validate(
    {
        "how_known": "published",
        "taken_for": {"female": {"female": 0.9, "male": 0.1}, "male": {"female": 0.3, "male": 0.7}},
    }
)


def segments(**meant):
    return {key: Segment.model_validate({"when": when}) for key, when in meant.items()}


def test_a_trait_is_told_where_each_of_its_classes_has_a_segment_of_its_own():
    known = segments(
        men={"gender": ["male"]}, women={"gender": ["female"]}, young={"age": ["18-34"]},
        women_with_bags={"gender": ["female"], "transport": ["handbag"]},
    )  # fmt: skip
    assert trait_segments(known) == {"gender": ["women", "men"]}
    bands = {f"a{n}": {"age": [band]} for n, band in enumerate(["55+", "35-54", "0-17"])}
    assert trait_segments(known | segments(**bands)) == {"gender": ["women", "men"], "age": ["a2", "young", "a1", "a0"]}


@pytest.mark.parametrize("told", [{"gender": ["female", "unknown"]}, {"gender": ["female"], "hours": ["07:00-09:00"]}])
def test_a_segment_that_means_more_or_less_is_not_the_class(told):
    assert trait_segments(segments(men={"gender": ["male"]}, women=told)) == {}


def test_the_errors_are_taken_out_of_the_shares():
    """60 % women: taken for women are .6 × .9 + .4 × .3 = .66 of all who are taken for anything."""
    women, men = trait_shares("gender", [0.33, 0.17], 1000, GENDER)
    assert (women.of_class, men.of_class) == ("female", "male")
    assert women.counted == pytest.approx(0.66)
    assert women.share == pytest.approx(0.6, abs=1e-4)
    assert men.share == pytest.approx(0.4, abs=1e-4)


def test_nobody_told_has_no_shares():
    assert trait_shares("gender", [0.0, 0.0], 0, GENDER) == []


def test_the_interval_covers_the_truth_as_often_as_it_says():
    rng, true, n, covered = np.random.default_rng(7), np.array([0.6, 0.4]), 400, 0
    matrix = np.array([[0.9, 0.1], [0.3, 0.7]])
    for _ in range(1000):
        women, _ = trait_shares("gender", (rng.multinomial(n, true @ matrix) / n).tolist(), n, GENDER)
        covered += women.low <= true[0] <= women.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_where_the_counts_leave_the_possible_the_shares_do_not():
    women, men = trait_shares("gender", [0.99, 0.01], 50, GENDER)
    assert (women.share, men.share) == pytest.approx((1, 0), abs=1e-6)
    assert 0 <= women.low <= women.share <= women.high <= 1
