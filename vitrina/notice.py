"""The sign for the shop's door: what the cameras do, from the configuration in force."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contract.segments import Profile
from contract.site import Site
from edge.config import Demographics, EdgeConfig
from edge.errors import ConfigError
from vitrina.notice_words import WORDS, Language


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """The sign in one language. `own`: the shop's own words, "" where it has none."""

    language: Language
    title: str
    lead: str
    own: str
    sections: tuple[Section, ...]
    foot: str


def write_notice(config: EdgeConfig, site: Site, profile: Profile, language: Language) -> Notice:
    """The sign for what `profile`, the one in force, does.

    Raises:
        ConfigError: the configuration does not say who runs the cameras.
    """
    if config.operator is None:
        raise ConfigError("operator: missing; the sign must say who runs the cameras: add `operator` to edge.yaml")
    words, shop = WORDS[language], site.name or site.site
    lead = words["lead_screens" if site.screens else "lead"]
    grounds = config.demographics if profile == "demographics" else None
    return Notice(
        language=language,
        title=words["title_demographics" if grounds else "title"],
        lead=lead.format(operator=config.operator, shop=shop),
        own=grounds.notice if grounds else "",
        sections=tuple(_sections(config, profile, grounds, words, screens=bool(site.screens))),
        foot=words["foot"].format(profile=profile, box=config.box, shop=shop),
    )


def _sections(
    config: EdgeConfig, profile: Profile, grounds: Demographics | None, words: Mapping[str, str], *, screens: bool
) -> Iterator[Section]:
    ask = words["contact"].format(contact=grounds.contact) if grounds else words["ask_staff"]
    yield Section(words["who"], (config.operator or "", ask))
    yield Section(words["counted"], tuple(words[key] for key in _counted(profile, screens=screens)))
    not_done = ("no_pictures", "no_recognition") if grounds else ("no_pictures", "no_faces", "no_recognition")
    yield Section(words["not_done"], tuple(words[key] for key in not_done))
    kept = ("pictures_go", "persons_go", "counts_stay")
    yield Section(words["how_long"], tuple(words[key].format(smallest=config.smallest_cell) for key in kept))
    if grounds:
        yield Section(words["basis"], (grounds.basis, words["until"].format(day=_day(grounds.until, words))))


def _counted(profile: Profile, *, screens: bool) -> Iterator[str]:
    yield from ("places", "pace")
    if screens:
        yield "screens"
    if profile != "counting":
        yield "belongings"
    if profile == "demographics":
        yield from ("estimate", "estimate_wrong")
        if screens:
            yield "estimate_use"


def _day(day: date, words: Mapping[str, str]) -> str:
    return words["day"].format(day=day.day, month=words["months"].split()[day.month - 1], year=day.year)


def as_text(notice: Notice) -> str:
    """For a terminal, an e-mail or any word processor."""
    blocks = [notice.title.upper(), notice.lead, *filter(None, [notice.own])]
    blocks += ["\n".join([section.title, *(f"  - {line}" for line in section.lines)]) for section in notice.sections]
    return "\n\n".join([*blocks, notice.foot]) + "\n"
