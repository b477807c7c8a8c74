import re
from datetime import UTC, datetime

import pytest

from contract.site import Site
from edge.config import EdgeConfig
from vitrina.doctor import check_profile

SITE = Site(site="shop", timezone="UTC", cameras={"door": {}})


def box(profile="demographics"):
    return EdgeConfig.model_validate(
        {
            "box": "b", "site": "site.yaml", "cameras": {"door": {"source": "x"}}, "profile": profile, "operator": "A",
            "demographics": {"basis": "x", "notice": "y", "contact": "z", "until": "2026-12-31"},
        }
    )  # fmt: skip


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "verdict", "found"),
    [
        ("2026-12-01", "ok", "its basis holds to the end of 2026-12-31"),
        ("2026-12-20", "warning", "its basis holds to the end of 2026-12-31 only"),
        ("2027-01-01", "failed", "demographics.until: the basis .* and no longer; .*"),
    ],
)
def test_how_long_the_basis_holds(make_face_models, monkeypatch, now, verdict, found):
    monkeypatch.setenv("VITRINA_MODELS", str(make_face_models().parent))
    told = check_profile(box(), SITE, at(now))
    assert (told.subject, told.verdict) == ("profile demographics", verdict)
    assert re.fullmatch(found, told.found)


def test_models_that_were_not_pulled_are_told(tmp_path, monkeypatch):
    monkeypatch.setenv("VITRINA_MODELS", str(tmp_path))
    told = check_profile(box(), SITE, at("2026-12-01"))
    assert told.verdict == "failed"
    assert "vitrina models pull demographics" in told.found


@pytest.mark.parametrize("profile", ["counting", "objects"])
def test_other_profiles_need_neither(tmp_path, monkeypatch, profile):
    monkeypatch.setenv("VITRINA_MODELS", str(tmp_path))
    told = check_profile(box(profile), SITE, at("2030-01-01"))
    assert (told.subject, told.verdict) == (f"profile {profile}", "ok")
