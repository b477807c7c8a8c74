from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from contract.site import Site
from server.web.language import Words
from server.web.segment_words import explain

SAMPLES = Path(__file__).parents[3] / "config" / "segments.yaml"


@pytest.fixture(scope="module")
def samples():
    return Site.model_validate(yaml.safe_load(SAMPLES.read_text()))


def test_the_samples_are_a_whole_document(samples):
    assert {"children", "travellers", "bicycle", "car", "groups", "coffee", "coffee_not"} <= samples.segments.keys()
    assert len({segment.digest for segment in samples.segments.values()}) == len(samples.segments)
    assert all(segment.when.of_people for segment in samples.segments.values())
    assert {segment.when.profile for segment in samples.segments.values()} <= {"counting", "objects"}


def test_the_commented_sample_is_right_too(samples):
    lines = SAMPLES.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line == "  # families:")
    text = "\n".join(line.removeprefix("  # ") for line in lines[start:])
    document = samples.model_dump(mode="json", exclude_none=True) | {"segments": yaml.safe_load(text)}
    assert Site.model_validate(document).segments["families"].when.profile == "demographics"


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("children", "With a stroller, or stopped at Children's goods for 10 s or longer."),
        ("car", "With a car or a truck, and was at Forecourt."),
        ("coffee_not", "Was at Coffee, and 06:00–11:00, and not (stopped at Coffee)."),
    ],
)
def test_the_samples_explain_themselves(samples, segment, words):
    said = explain(samples.segments[segment], samples, Words("en", ZoneInfo("UTC")))
    assert said.replace("\u00a0", " ") == words
