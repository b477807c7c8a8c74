from zoneinfo import ZoneInfo

import pytest

from contract.segments import TRANSPORT, Segment
from contract.site import Site
from server.web.language import Words
from server.web.segment_words import explain

SITE = Site.model_validate(
    {
        "site": "s",
        "floor": {"bounds_m": [[0, 0], [4, 4]]},
        "zones": {"kids": {"name": "Children", "polygon_m": [[0, 0], [1, 0], [1, 1]]}},
    }
)


@pytest.fixture
def said():
    def say(when, language="en"):
        words = Words(language, ZoneInfo("UTC"))
        return explain(Segment.model_validate({"when": when}), SITE, words).replace("\u00a0", " ")

    return say


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"transport": ["suitcase", "backpack"]}, "With a suitcase or a backpack."),
        ({"group": {"at_least": 2}}, "In a group of 2 or more."),
        ({"group": {"at_most": 1}}, "Alone."),
        ({"group": {"at_least": 2, "at_most": 3}}, "In a group of 2–3."),
        ({"pace": ["standing"]}, "Standing."),
        ({"visited": {"zone": "kids"}}, "Was at Children."),
        ({"stopped": {"zone": "kids", "at_least_s": 10}}, "Stopped at Children for 10 s or longer."),
        ({"hours": ["07:00-10:30"], "weekdays": ["sat", "sun"]}, "07:00–10:30, and Sat or Sun."),
        ({"age": ["18-34", "unknown"], "gender": ["female"]}, "Seems a woman, and seems aged 18–34 or age not known."),
        (
            {"any": [{"transport": ["stroller"]}, {"stopped": {"zone": "kids"}}]},
            "With a stroller, or stopped at Children.",
        ),
        (
            {"group": {"at_least": 2}, "any": [{"pace": ["passing"]}, {"pace": ["strolling"]}]},
            "In a group of 2 or more, and (walking past, or strolling).",
        ),
        (
            {"pace": ["standing"], "unless": {"visited": {"zone": "kids"}}},
            "Standing, and not (was at Children).",
        ),
    ],
)
def test_a_definition_is_told_as_one_would_say_it(said, when, words):
    assert said(when) == words


def test_every_transport_has_its_words_in_both_languages(said):
    for kind in TRANSPORT:
        english, russian = (said({"transport": [kind]}, language) for language in ("en", "ru"))
        assert english.startswith("With a")
        assert russian.startswith("С")
        assert russian.isascii() is False
