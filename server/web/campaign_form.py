"""A campaign as a form's fields, and back: what is empty is left out, what makes no sense stays for the check."""

from collections.abc import Mapping, Sequence
from typing import Any

from contract.segments import WEEKDAYS
from server.campaign_document import CampaignDocument
from server.domain.campaigns import RULES_MOST

Fields = Mapping[str, Sequence[str]]
"""By name; a name that stands for several (screens, weekdays) has several values."""

TEXTS = ("name", "advertiser", "category", "promotes", "pacing", "switch")
LISTS = ("creatives", "screens", "groups")
ARMS = ("targeted", "everyone", "nothing")
ROWS_MOST = 50


def as_fields(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """The fields of a campaign's document, as `read` takes them."""
    fields = {key: [str(document[key])] for key in TEXTS if document.get(key)}
    fields |= {key: list(document[key]) for key in LISTS if document.get(key)}
    fields |= _rows("flight", [{"first": f["first"], "last": f["last"]} for f in document.get("flights", [])])
    for i, part in enumerate(document.get("dayparts", [])):
        start, _, end = part["hours"].partition("-")
        fields |= {f"part{i}_days": list(part.get("weekdays", WEEKDAYS)), f"part{i}_from": [start]}
        fields[f"part{i}_to"] = ["00:00" if end == "24:00" else end]
    for i, rule in enumerate(document.get("rules", [])):
        fields |= _rule_fields(i, rule)
    goal, budget, arms = document.get("goal", {}), document.get("budget") or {}, document.get("arms", {})
    fields |= {f"goal_{key}": [_plain(value)] for key, value in goal.items() if value is not None}
    fields |= {f"budget_{key}": [_plain(value)] for key, value in budget.items()}
    fields |= {f"arm_{key}": [_plain(round(arms[key] * 100, 6))] for key in ARMS if key in arms}
    fields |= {key: [_plain(document[key])] for key in ("plays_per_hour", "priority") if document.get(key) is not None}
    if document.get("share_of_voice") is not None:
        fields["share_of_voice"] = [_plain(round(document["share_of_voice"] * 100, 6))]
    if document.get("rivals"):
        fields["rivals"] = [", ".join(document["rivals"])]
    fields |= {key: ["on"] for key, on in (("sensitive", document.get("sensitive")), ("same", arms.get("same"))) if on}
    return fields


def fields_of(document: CampaignDocument) -> dict[str, list[str]]:
    """The fields of a whole campaign."""
    return as_fields(document.model_dump(mode="json"))


def read(sent: Fields) -> dict[str, Any]:
    """The document that a form's fields say."""
    document: dict[str, Any] = {key: value for key in TEXTS if (value := first(sent, key))}
    document["name"] = first(sent, "name")
    document |= {key: list(sent[key]) for key in LISTS if sent.get(key)}
    document |= _numbers(sent, plays_per_hour="plays_per_hour", priority="priority")
    if (share := _number(first(sent, "share_of_voice"))) is not None:
        document["share_of_voice"] = share / 100 if isinstance(share, float | int) else share
    document |= {
        "creatives": list(sent.get("creatives", ())),
        "flights": _flights(sent),
        "dayparts": _dayparts(sent),
        "rules": [rule for i in range(RULES_MOST) if (rule := _rule(sent, i))],
        "rivals": [key.strip() for key in first(sent, "rivals").split(",") if key.strip()],
        "sensitive": bool(sent.get("sensitive")),
        "goal": {"kind": first(sent, "goal_kind")} | _numbers(sent, goal_amount="amount"),
        "arms": _arms(sent),
    }
    if first(sent, "budget_amount"):
        money = _numbers(sent, budget_amount="amount", budget_per_play="per_play")
        document["budget"] = money | {"currency": first(sent, "budget_currency").upper() or "EUR"}
    return document


def first(sent: Fields, name: str) -> str:
    """A field's value; empty where it was not sent."""
    values = sent.get(name) or [""]
    return values[0].strip()


def rows(fields: Fields, kind: str, *, more: int) -> range:
    """Numbers of the rows of `flight` or `part` that are filled in, and `more` empty ones."""
    filled = [i for i in range(ROWS_MOST) if any(key.startswith(f"{kind}{i}_") for key in fields)]
    return range(min(max(filled, default=-1) + 1 + more, ROWS_MOST))


def _flights(sent: Fields) -> list[dict[str, str]]:
    found = [{end: first(sent, f"flight{i}_{end}") for end in ("first", "last")} for i in range(ROWS_MOST)]
    return [{end: day for end, day in flight.items() if day} for flight in found if any(flight.values())]


def _dayparts(sent: Fields) -> list[dict[str, Any]]:
    found = []
    for i in range(ROWS_MOST):
        start, end = first(sent, f"part{i}_from"), first(sent, f"part{i}_to")
        if start or end:
            # A day ends at 24:00, which no clock on a form can say.
            hours = f"{start[:5]}-{'24:00' if end[:5] == '00:00' else end[:5]}"
            found.append({"weekdays": list(sent.get(f"part{i}_days") or WEEKDAYS), "hours": hours})
    return found


def _rule(sent: Fields, i: int) -> dict[str, Any] | None:
    unless = bool(sent.get(f"rule{i}_unless"))
    match first(sent, f"rule{i}_kind"):
        case "segment":
            share = _numbers(sent, **{f"rule{i}_share": "share"})
            share = {key: value / 100 if isinstance(value, float | int) else value for key, value in share.items()}
            at_least = _number(first(sent, f"rule{i}_at_least") or "5")
            named = {"segment": first(sent, f"rule{i}_segment"), "over": first(sent, f"rule{i}_over") or "now"}
            return {"kind": "segment", "at_least": at_least, "unless": unless} | named | share
        case "near":
            return {"kind": "near", "at_least": _number(first(sent, f"rule{i}_near") or "1"), "unless": unless}
        case "trigger":
            said = {"name": first(sent, f"rule{i}_name"), "value": first(sent, f"rule{i}_value")}
            return {"kind": "trigger", "unless": unless} | said
        case _:
            return None


def _arms(sent: Fields) -> dict[str, Any]:
    shares = {key: _number(first(sent, f"arm_{key}")) for key in ARMS}
    numbers = {key: value / 100 if isinstance(value, float | int) else value for key, value in shares.items()}
    return {key: value for key, value in numbers.items() if value is not None} | {"same": bool(sent.get("same"))}


def _rule_fields(i: int, raw: Mapping[str, Any]) -> dict[str, list[str]]:
    fields = {f"rule{i}_kind": [str(raw["kind"])]}
    match raw["kind"]:
        case "segment":
            kept = {key: raw[key] for key in ("segment", "at_least", "over") if key in raw}
            if raw.get("share") is not None:
                kept["share"] = round(raw["share"] * 100, 6)
        case "near":
            kept = {"near": raw.get("at_least", 1)}
        case _:
            kept = {key: raw[key] for key in ("name", "value") if key in raw}
    fields |= {f"rule{i}_{key}": [_plain(value)] for key, value in kept.items()}
    return fields | ({f"rule{i}_unless": ["on"]} if raw.get("unless") else {})


def _rows(kind: str, found: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    return {f"{kind}{i}_{key}": [value] for i, row in enumerate(found) for key, value in row.items()}


def _numbers(sent: Fields, **names: str) -> dict[str, float | str]:
    """Filled in fields under the document's names."""
    found = {key: _number(first(sent, field)) for field, key in names.items()}
    return {key: value for key, value in found.items() if value is not None}


def _number(text: str) -> float | int | str | None:
    """As a number; what is none stays a text, for the check to refuse; None where nothing is."""
    plain = text.replace(",", ".").replace("\u00a0", "").replace(" ", "")
    try:
        value = float(plain)
    except ValueError:
        return text or None
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _plain(value: Any) -> str:  # noqa: ANN401 - a number or a text
    return f"{value:.15g}" if isinstance(value, float) else str(value)
