"""The form for a change of one's own, such as “we moved chocolate to till 1 on 2 Nov”."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from contract.documents import Fault, inspect
from server.advice.plan import sides
from server.change_document import ChangeDocument
from server.db import sales
from server.domain.trial import BEFORE_FEWEST, BEFORE_MOST, LENGTHS, USUAL
from server.web.language import Words
from server.web.trade_names import TradeNames
from server.web.view import View

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """What may be chosen, what was sent, and what is wrong with it."""

    categories: Choices
    zones: Choices
    stores: Choices
    lengths: Choices
    values: Mapping[str, str]
    faults: Sequence[str] = field(default=())


def blank(view: View, names: TradeNames) -> ChangeForm:
    """An empty form."""
    today = view.words.local(view.now).date().isoformat()
    return _form(view, names, {"day": today, "days": str(USUAL)}, ())


def sent_back(view: View, names: TradeNames, values: Mapping[str, str], faults: Sequence[str]) -> ChangeForm:
    """What was sent, with what is wrong with it."""
    return _form(view, names, values, faults)


def read(view: View, sent: Mapping[str, str]) -> tuple[str, ChangeDocument] | list[str]:
    """The name and the change that was sent, or what is wrong with it in the reader's language."""
    text = view.words.gettext
    day, name = _day(sent.get("day", "")), sent.get("name", "")
    faults = [] if name else [text("Give it a name.")]
    if not sent.get("category"):
        faults.append(text("Choose the category whose margin it is judged on."))
    if day is None:
        return [*faults, text("Say on which day it was, or will be, changed.")]
    before = _known_before(view, day)
    if before < BEFORE_FEWEST:
        faults.append(text("Of the four weeks before that day too little was sold, or told, to hold it against."))
    if faults:
        return faults
    found = inspect(ChangeDocument, _document(sent, day, before))
    return [_told(view.words, fault) for fault in found] if isinstance(found, list) else (name[:160], found)


def _form(view: View, names: TradeNames, values: Mapping[str, str], faults: Sequence[str]) -> ChangeForm:
    own = view.site.site
    categories = {key: names.category(key) for key in [*names.categories, *sales.categories_sold(view.conn, own)]}
    return ChangeForm(
        categories=sorted(categories.items(), key=lambda item: item[1].casefold()),
        zones=[(key, names.zone(key)) for key in view.site.document.zones],
        stores=[(key, name) for key, name in names.stores.items() if key != own],
        lengths=[(str(n), view.words.gettext("%(n)s days") % {"n": view.words.number(n)}) for n in LENGTHS],
        values=values,
        faults=faults,
    )


def _document(sent: Mapping[str, str], day: date, before: int) -> dict[str, Any]:
    days = sent.get("days", "")
    ahead, after = sides(day, before=before, after=int(days) if days in map(str, LENGTHS) else USUAL)
    target, store = sent.get("target") or None, sent.get("store") or None
    moved = target is not None
    return {
        "kind": "move" if moved else "other",
        "subject": sent["category"],
        "origin": sent.get("origin") or None,
        "target": target,
        "design": "against_stores" if store else "before_after",
        "before": ahead.model_dump(),
        "after": after.model_dump(),
        "stores": [store] if store else [],
        "categories": [sent["category"]],
        "zones": [target] if target else [],
        "note": sent.get("note", ""),
    }


def _known_before(view: View, day: date) -> int:
    """Days before a change of which sales are known, or will be by then."""
    known = sales.span(view.conn, view.site.site)
    return min((day - known[0]).days, BEFORE_MOST) if known else 0


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) + timedelta(days=366) < day < date(2099, 1, 1) else None


def _told(words: Words, fault: Fault) -> str:
    """English as exactly as it is known; in other languages by part of the form."""
    if words.code == "en":
        return f"{fault.key}: {fault.message}"
    return words.gettext("Something is wrong with “%(part)s”.") % {"part": fault.key}
