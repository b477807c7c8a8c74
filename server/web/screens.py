"""What plays, for whom, and does it work? The wall of all screens."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse

from server.campaign_report import campaign_report, campaign_trial, domain_of
from server.control_room import OnScreen
from server.db.campaigns import CampaignRecord, list_campaigns
from server.db.creatives import list_creatives
from server.db.last_plays import last_plays
from server.db.players import players_of
from server.db.plays import count_plays
from server.db.screen_settings import all_settings
from server.findings import Findings
from server.session import Running
from server.web import campaign_calendar, campaign_phase, screen_tiles
from server.web.campaign_phase import Phase
from server.web.effect_section import EffectSection, effect_section
from server.web.reason_words import Names
from server.web.report_slots import SlotsSection, slots_section
from server.web.screen_tiles import Known, ScreenTile
from server.web.view import Page, View

router = APIRouter()

CALENDAR_SIZES = ((780.0, 150.0), (358.0, 118.0))
COMPARED_MOST = 8
"""Campaigns of which the wall looks for the one with the most slots."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A creative that may be a screen's default."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class PlayerRow:
    """A screen's player, for who looks after it."""

    tile: ScreenTile
    player: str
    seen: str
    keeps: str
    unsent: str
    default: str
    screenshots: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The campaign whose effect stands on the wall: of those on now, the one with the most slots behind it."""

    name: str
    report: str
    effect: EffectSection
    slots: SlotsSection | None


@dataclass(frozen=True, slots=True)
class ScreensPage:
    """Everything the template shows."""

    question: str
    answer: Markup
    meta: str
    tiles: list[ScreenTile]
    calendars: list[Markup]
    shown: Shown | None
    players: list[PlayerRow]
    choices: list[Choice]


@router.get("/screens", response_class=HTMLResponse)
def screens(view: Page, request: Request, service: Running) -> HTMLResponse:
    """The page."""
    on: dict[str, OnScreen] = request.app.state.director.now(view.site.site)
    known = _known(view, on)
    creatives = list_creatives(view.conn, view.site.site)
    campaigns = list_campaigns(view.conn, view.site.site)
    names = _names(view, campaigns)
    by_id = {creative.id: creative for creative in creatives}
    tiles = [
        screen_tiles.tile(
            each,
            site=view.site.site,
            names=names,
            segments=list(view.site.document.segments)[: screen_tiles.SEGMENTS_SHOWN],
            creatives=by_id,
            at=view.at,
            words=view.words,
        )
        for each in known
    ]
    phases = {record.id: campaign_phase.phase(view.words, record, view.now) for record in campaigns}
    page = ScreensPage(
        question=view.words.gettext("What plays, for whom, and does it work?"),
        answer=_answer(view, tiles),
        meta=f"{view.words.moment(view.now)}. "
        + view.words.gettext("A lone viewer never gets a creative chosen by who they are."),
        tiles=tiles,
        calendars=_calendars(view, campaigns, phases),
        shown=_shown(view, [each for each in campaigns if phases[each.id].kind == "now"], service.findings),
        players=_players(view, known, tiles),
        choices=[Choice(creative.id, creative.name) for creative in creatives],
    )
    return view.render("screens.html", page=page)


def _known(view: View, on: dict[str, OnScreen]) -> list[Known]:
    players = {player.screen: player for player in players_of(view.conn, view.site.site)}
    last = last_plays(view.conn, site=view.site.site, at=view.at)
    return [
        Known(key, screen, players.get(key), last.get(key), on.get(key))
        for key, screen in view.site.document.screens.items()
    ]


def _calendars(view: View, campaigns: list[CampaignRecord], phases: Mapping[str, Phase]) -> list[Markup]:
    going = [record for record in campaigns if phases[record.id].kind != "over"]
    plays = count_plays(view.conn, view.site.site, [record.id for record in going])
    return campaign_calendar.calendars(view, going, phases, plays, sizes=CALENDAR_SIZES) if going else []


def _shown(view: View, running: list[CampaignRecord], findings: Findings) -> Shown | None:
    if not running:
        return None
    record = max(running[:COMPARED_MOST], key=lambda record: _slots(view, record))
    most = campaign_report(view.conn, view.site.document, record, now=view.at, findings=findings)
    return Shown(
        name=most.document.name,
        report=view.link(f"/campaigns/{most.record.id}/report"),
        effect=effect_section(view, most),
        slots=slots_section(view, most),
    )


def _slots(view: View, record: CampaignRecord) -> int:
    site = view.site.document
    return len(campaign_trial(view.conn, site, record, domain_of(view.conn, site, record)[0], now=view.at))


def _names(view: View, campaigns: list[CampaignRecord]) -> Names:
    told = {campaign.id: campaign.document.name for campaign in campaigns}
    return Names(told, {key: segment.name or key for key, segment in view.site.document.segments.items()})


def _answer(view: View, tiles: list[ScreenTile]) -> Markup:
    words = view.words
    if not tiles:
        return Markup(words.gettext("This store has no screen yet."))  # noqa: S704 - our own words
    silent = [tile for tile in tiles if tile.state.kind == "stale"]
    well = words.ngettext("<b>%(well)s of %(n)s screen</b> plays", "<b>%(well)s of %(n)s screens</b> play", len(tiles))
    told = Markup(well) % {"well": words.number(len(tiles) - len(silent)), "n": words.number(len(tiles))}  # noqa: S704
    if not silent:
        return told + "."
    one, more = (
        words.gettext("<b>%(name)s</b> needs a look"),
        words.gettext("<b>%(name)s</b> and %(n)s more need a look"),
    )
    need = Markup(one if len(silent) == 1 else more)  # noqa: S704 - our own words
    return told + "; " + need % {"name": silent[0].name, "n": words.number(len(silent) - 1)} + "."


def _players(view: View, known: list[Known], tiles: list[ScreenTile]) -> list[PlayerRow]:
    words, settings = view.words, all_settings(view.conn, view.site.site)
    rows = []
    for each, tile in zip(known, tiles, strict=True):
        chosen, seen = settings.get(each.key), each.seen()
        health = (each.player.health if each.player else None) or {}
        rows.append(
            PlayerRow(
                tile=tile,
                player=each.player.player if each.player else "",
                seen=words.ago(view.at - seen) if seen else "–",
                keeps=_keeps(view, health),
                unsent=words.number(health["unsent"]) if "unsent" in health else "–",
                default=(chosen.default_creative if chosen else None) or "",
                screenshots=chosen.screenshots if chosen else False,
            )
        )
    return rows


def _keeps(view: View, health: dict[str, object]) -> str:
    """Whether it would go on by itself."""
    if not health:
        return "–"
    if health.get("keeps") == "memory":
        return view.words.gettext("no: its disk is closed to it")
    if not health.get("offline_ready") or health.get("missing"):
        return view.words.gettext("not yet: still fetching")
    return view.words.gettext("yes")
