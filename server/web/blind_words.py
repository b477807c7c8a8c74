"""Blind spots as told to people: where, what shows it, how sure, and what to do."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from contract.site import Fixture
from server.blind import Found
from server.db.zones import ZoneTotals
from server.domain.ground import Unseen
from server.domain.intervals import wilson
from server.domain.patches import Patch
from server.web.language import Words
from server.web.plan import name_of
from server.web.view import View

Mask = npt.NDArray[np.bool_]


def kind_title(kind: str, words: Words) -> tuple[str, str]:
    """A kind's name and what it means."""
    return {
        "uncovered": (words.gettext("Not seen"), words.gettext("No camera, masked, or too small")),
        "weakly_tracked": (
            words.gettext("Weakly tracked"),
            words.gettext("People are lost from sight here, far from any exit"),
        ),
        "cold": (words.gettext("Cold"), words.gettext("Well seen, seldom visited")),
        "passed_by": (words.gettext("Passed by"), words.gettext("Visited, hardly anyone stops")),
        "unknown": (words.gettext("Not enough data"), words.gettext("Perhaps cold; it cannot be told yet")),
    }[kind]


def place(view: View, found: Found, patch: Patch) -> str:
    """Where a patch lies: its zone, the fixtures beside it, or the part of the plan."""
    words = view.words
    if patch.zone is not None:
        zone = view.site.document.zones[patch.zone]
        name = name_of(zone, patch.zone)
        if patch.whole_zone:
            return name
        return words.gettext("%(zone)s, %(part)s") % {
            "zone": name,
            "part": _part(patch.mask, _box(view, found, patch), words),
        }
    fixtures = _named(view, patch.fixtures)
    where = _part(patch.mask, np.ones(patch.mask.shape, np.bool_), words)
    if fixtures:
        return words.gettext("Beside %(fixture)s, %(part)s") % {"fixture": fixtures[0], "part": where}
    return words.sentence(words.gettext("%(part)s of the plan") % {"part": where})


def _box(view: View, found: Found, patch: Patch) -> Mask:
    polygon = np.array(view.site.document.zones[patch.zone or ""].polygon_m)
    cells = found.grid.centres()
    inside = ((cells >= polygon.min(axis=0)) & (cells <= polygon.max(axis=0))).all(axis=1)
    return np.asarray(inside.reshape(found.grid.shape))


def _part(mask: Mask, whole: Mask, words: Words) -> str:
    """Which third of the whole's extent the patch's middle lies in."""
    rows, columns = np.nonzero(mask)
    all_rows, all_columns = np.nonzero(whole)

    def third(value: float, low: float, high: float) -> int:
        return int(np.clip((value - low) / max(high - low, 1e-9) * 3, 0, 2.999))

    down = third(float(rows.mean()), float(all_rows.min()), float(all_rows.max()))
    across = third(float(columns.mean()), float(all_columns.min()), float(all_columns.max()))
    names = (
        (words.gettext("top left"), words.gettext("top"), words.gettext("top right")),
        (words.gettext("left"), words.gettext("middle"), words.gettext("right")),
        (words.gettext("bottom left"), words.gettext("bottom"), words.gettext("bottom right")),
    )
    return names[down][across]


def _named(view: View, fixtures: Sequence[str]) -> list[str]:
    floor = view.site.document.floor
    known: list[Fixture] = list(floor.fixtures) if floor else []
    return [known[int(key)].name for key in fixtures if known[int(key)].name]


def evidence(view: View, found: Found, patch: Patch, totals: ZoneTotals | None) -> str:
    """What shows it, with its numbers."""
    match patch.kind:
        case "uncovered":
            return _unseen(view, found, patch)
        case "weakly_tracked":
            return _lost(view.words, patch)
        case "passed_by":
            return _passed(view.words, patch, totals)
    return _index(view.words, patch)


def _unseen(view: View, found: Found, patch: Patch) -> str:
    words = view.words
    if patch.reason == Unseen.TOO_SMALL:
        cells = patch.mask.ravel()
        shares = np.where(found.coverage.shadowed, 0.0, found.coverage.person_share)[:, cells]
        least = max((camera.smallest_person for camera in view.site.document.cameras.values()), default=0.0)
        return words.gettext(
            "A person there is %(share)s of the picture's width tall. The detector needs %(least)s."
        ) % {"share": words.percent(float(shares.max(axis=0).mean()), 1), "least": words.percent(least, 1)}
    texts = {
        Unseen.NO_CAMERA: words.gettext("No camera has it in its picture."),
        Unseen.SHADOWED: words.gettext("No view: something stands between it and each camera."),
        Unseen.MASKED: words.gettext("A privacy mask covers it."),
    }
    return texts[patch.reason]


def _lost(words: Words, patch: Patch) -> str:
    seen = patch.evidence
    if seen is None:
        return ""
    lost = words.ngettext("%(n)s person was lost from sight", "%(n)s people were lost from sight", seen.events) % {
        "n": words.number(seen.events)
    }
    often = words.gettext("%(low)s to %(high)s times as often as elsewhere") % {
        "low": words.number(seen.ratio.low, 1),
        "high": words.number(seen.ratio.high, 1),
    }
    away = ""
    if patch.exit_m is not None and np.isfinite(patch.exit_m):
        away = words.gettext(", %(metres)s m from an exit") % {"metres": words.number(patch.exit_m)}
    return f"{lost}{away}: {often}."


def _passed(words: Words, patch: Patch, totals: ZoneTotals | None) -> str:
    share = wilson(min(totals.stops, totals.visits), totals.visits) if patch.whole_zone and totals else None
    if share is not None and totals is not None:
        return words.gettext("%(visits)s walked through, %(stops)s stopped: %(low)s to %(high)s.") % {
            "visits": words.number(totals.visits),
            "stops": words.number(totals.stops),
            "low": words.percent(share.low, 1),
            "high": words.percent(share.high, 1),
        }
    seen = patch.evidence
    if seen is None:
        return ""
    return words.gettext("%(stops)s stops: %(low)s to %(high)s of what is usual beside goods.") % {
        "stops": words.number(seen.events),
        "low": words.percent(seen.ratio.low),
        "high": words.percent(seen.ratio.high),
    }


def _index(words: Words, patch: Patch) -> str:
    seen = patch.evidence
    if seen is None:
        return ""
    return words.gettext("Visit index %(low)s to %(high)s. The floor's mean is 1.") % {
        "low": words.number(seen.ratio.low, 2),
        "high": words.number(seen.ratio.high, 2),
    }


def certainty(patch: Patch, words: Words) -> tuple[str, str]:
    """How sure, in words, and by what."""
    told = {
        "certain": words.gettext("Certain"),
        "very_sure": words.gettext("Very sure"),
        "fairly_sure": words.gettext("Fairly sure"),
        "not_enough_data": words.gettext("Not yet"),
    }[patch.certainty]
    if patch.q is None:
        return told, words.gettext("geometry") if patch.certainty == "certain" else ""
    if patch.q < 0.001:
        return told, "q < " + words.number(0.001, 3)
    return told, "q " + words.number(patch.q, 3)


def todo(patch: Patch, words: Words) -> str:
    """What to do about it."""
    return {
        "add_camera": words.gettext("Turn a camera this way, or add one."),
        "move_fixture_or_camera": words.gettext("Lower or move what stands before it, or add a camera on this side."),
        "shrink_mask": words.gettext("Make the privacy mask smaller, if that may be."),
        "raise_resolution": words.gettext("Move a camera nearer, or raise its resolution."),
        "clear_view": words.gettext("Look at the camera's picture: what hides people here? Clear the view."),
        "turn_camera": words.gettext("Tilt or turn the camera so that this place lies nearer to its middle."),
        "place_attraction": words.gettext("Put something with pull here, or at its far end."),
        "clear_the_way": words.gettext("Clear the way in: people do not get here."),
        "swap_goods": words.gettext("Swap what stands here with goods that people stop for."),
        "turn_fixture": words.gettext("Turn the fixture so that it faces the way people come."),
        "wait": words.gettext("Wait: it is looked at again with each day."),
    }[patch.advice]
