"""MQTT topics, root `vitrina/v1/{site}/{box}/`. Nothing else in the project spells a topic."""

from typing import NamedTuple

from contract.errors import MessageError

ROOT = "vitrina/v1"

STATE, BIRTH, REPORTED = "up/state", "up/birth", "up/reported"
WINDOW, LIVE, AUDIENCE = "up/window", "up/live", "up/audience"
EVENT, HEALTH, STILL = "up/event", "up/health", "up/still"
DESIRED, COMMAND = "down/desired", "down/cmd"

RETAINED = frozenset({STATE, BIRTH, REPORTED, DESIRED})
UP = (STATE, BIRTH, REPORTED, WINDOW, LIVE, AUDIENCE, EVENT, HEALTH, STILL)
DOWN = (DESIRED, COMMAND)


class BoxTopic(NamedTuple):
    """A topic of one box, taken apart."""

    site: str
    box: str
    channel: str


def box_topic(site: str, box: str, channel: str) -> str:
    """`vitrina/v1/{site}/{box}/{channel}`."""
    return f"{ROOT}/{site}/{box}/{channel}"


def alerts_topic(site: str) -> str:
    """Where the server says what a person should look at now."""
    return f"{ROOT}/{site}/alerts"


def show_topic(site: str, screen: str = "+") -> str:
    """What a screen is to show, retained: players and boxes read it."""
    return f"{ROOT}/{site}/screens/{screen}/show"


def played_topic(site: str, screen: str = "+") -> str:
    """What a screen did show: players write it."""
    return f"{ROOT}/{site}/screens/{screen}/played"


def tips_topic(site: str, bank: str) -> str:
    """What a till bank may offer this hour, retained."""
    return f"{ROOT}/{site}/tips/{bank}"


def loyalty_in_topic(site: str, subject: str = "+") -> str:
    """What till and loyalty programme tell (`contract.loyalty.SUBJECTS`)."""
    return f"{ROOT}/{site}/loyalty/in/{subject}"


def loyalty_out_topic(site: str, subject: str = "+") -> str:
    """What the loyalty programme is told."""
    return f"{ROOT}/{site}/loyalty/out/{subject}"


def screen_of(topic: str) -> tuple[str, str]:
    """Site and screen of a `show` or `played` topic.

    Raises:
        MessageError: the topic is not one of a screen.
    """
    match topic.split("/"):
        case ["vitrina", "v1", site, "screens", screen, "show" | "played"]:
            return site, screen
    raise MessageError(f"topic {topic!r} is not of the form {ROOT}/SITE/screens/SCREEN/show|played")


def told_of(topic: str) -> tuple[str, str]:
    """Site and subject of a topic on which till or loyalty programme tell.

    Raises:
        MessageError: the topic is not one of these.
    """
    match topic.split("/"):
        case ["vitrina", "v1", site, "loyalty", "in", subject]:
            return site, subject
    raise MessageError(f"topic {topic!r} is not of the form {ROOT}/SITE/loyalty/in/SUBJECT")


def qos(channel: str) -> int:
    """Live figures may be lost, everything else arrives at least once."""
    return 0 if channel == LIVE else 1


def upward(group: str | None = None) -> tuple[str, ...]:
    """Filters a server subscribes to; with `group`, several workers share them, but each needs all live figures."""
    return tuple(_shared(f"{ROOT}/+/+/{channel}", None if channel == LIVE else group) for channel in UP)


def played(group: str | None = None) -> str:
    """The filter by which a server hears what players of all sites showed; shared as in `upward`."""
    return _shared(played_topic("+"), group)


def loyalty_in(group: str | None = None) -> str:
    """The filter by which a server hears what tills and programmes tell; shared as in `upward`."""
    return _shared(loyalty_in_topic("+"), group)


def _shared(pattern: str, group: str | None) -> str:
    return f"$share/{group}/{pattern}" if group else pattern


def downward(site: str, box: str) -> tuple[str, ...]:
    """Filters a box subscribes to."""
    return tuple(box_topic(site, box, channel) for channel in DOWN)


def parse(topic: str) -> BoxTopic:
    """Take a box's topic apart.

    Raises:
        MessageError: the topic is not one of a box.
    """
    match topic.split("/"):
        case ["vitrina", "v1", site, box, direction, name] if f"{direction}/{name}" in UP + DOWN:
            return BoxTopic(site, box, f"{direction}/{name}")
    raise MessageError(f"topic {topic!r} is not of the form {ROOT}/SITE/BOX/up|down/NAME")
