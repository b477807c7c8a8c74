from datetime import UTC, datetime

import pytest

from contract.site import Site
from edge.config import EdgeConfig
from edge.errors import ConfigError
from edge.profile import check_profile, profile_in_force

GROUNDS = {"basis": "Consent", "notice": "A test", "contact": "a@b.example", "until": "2026-12-31"}


@pytest.fixture
def config():
    def make(profile="demographics", **grounds):
        return EdgeConfig.model_validate(
            {
                "box": "b", "site": "site.yaml", "cameras": {"door": {"source": "x"}}, "profile": profile,
                "operator": "Corner Shop Ltd", "demographics": GROUNDS | grounds,
            }
        )  # fmt: skip

    return make


def shop(timezone="UTC"):
    return Site(site="shop", timezone=timezone, cameras={"door": {}})


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("timezone", "when", "in_force"),
    [
        ("UTC", "2026-12-31T23:59:59", "demographics"),
        ("UTC", "2027-01-01T00:00:00", "objects"),
        ("Europe/Moscow", "2026-12-31T20:59:59", "demographics"),
        ("Europe/Moscow", "2026-12-31T21:00:00", "objects"),
        ("America/New_York", "2027-01-01T04:59:59", "demographics"),
        ("America/New_York", "2027-01-01T05:00:00", "objects"),
    ],
)
def test_the_last_day_ends_at_midnight_of_the_shop(config, timezone, when, in_force):
    assert profile_in_force(config(), shop(timezone), at(when)) == in_force


@pytest.mark.parametrize("profile", ["counting", "objects"])
def test_another_profile_does_not_end(config, profile):
    assert profile_in_force(config(profile), shop(), at("2030-01-01T00:00:00")) == profile
    check_profile(config(profile), shop(), at("2030-01-01T00:00:00"))


def test_a_basis_that_ended_last_night_is_refused_in_words(config):
    check_profile(config(), shop(), at("2026-12-31T23:59:59"))
    with pytest.raises(ConfigError, match=r"demographics.until: .* end of 2026-12-31 \(UTC\).*renew it in writing"):
        check_profile(config(), shop(), at("2027-01-01T00:00:01"))
