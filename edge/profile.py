"""What this box may know of people today: the profile of edge.yaml, as long as the basis for it holds."""

from datetime import datetime
from zoneinfo import ZoneInfo

from contract.segments import Profile
from contract.site import Site
from edge.config import EdgeConfig
from edge.errors import ConfigError


def profile_in_force(config: EdgeConfig, site: Site, now: float) -> Profile:
    """The profile at `now`, seconds UTC: `objects` in place of `demographics` once its basis has ended.

    The last day, `demographics.until`, ends at midnight in the site's time zone.
    """
    grounds = config.demographics
    if config.profile != "demographics" or grounds is None:
        return config.profile
    today = datetime.fromtimestamp(now, ZoneInfo(site.timezone)).date()
    return "demographics" if today <= grounds.until else "objects"


def check_profile(config: EdgeConfig, site: Site, now: float) -> None:
    """See that the profile asked for may be used at `now`, seconds UTC.

    Raises:
        ConfigError: the basis for demographics has ended.
    """
    if config.demographics is None or profile_in_force(config, site, now) == config.profile:
        return
    raise ConfigError(
        f"demographics.until: the basis for estimating age and gender held to the end of {config.demographics.until} "
        f"({site.timezone}) and no longer; renew it in writing and set a later day, or set profile: objects"
    )
