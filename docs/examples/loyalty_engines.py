"""Between Vitrina and loyalty engines: what each of them takes and tells, put into the other's words.

Towards an engine go figures of a store or a campaign, never of a member: they are written where the engine keeps what
it knows of stores and campaigns. Towards Vitrina go receipts without the person on them: what an engine knows of who
bought is left out here, and Vitrina would refuse it. docs/loyalty-engines.md has the sources.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A request to an engine."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = field(default=None)
    """JSON, or text."""


def open_loyalty(store: str, campaign: str, row: Json, *, token: str) -> Call:
    """Exposure of a campaign, as custom fields of the campaign in the group `vitrina`; null clears a field."""
    path = f"/api/{quote(store)}/custom-fields/campaign/{quote(campaign)}"
    fields = {"day": row["start"][:10]} | {name: row[name] for name in ("plays", "ots", "viewers")}
    return Call("PATCH", path, {"Authorization": f"Bearer {token}"}, {"vitrina": fields})


def talon_one(application: int, store: int, row: Json, *, name: str, description: str, token: str) -> Call:
    """A day of the store, as attributes of the store, which rules may ask for; they are made there beforehand."""
    told = {f"vitrina_{each}": row[each] for each in ("entrants", "passers", "receipts") if row[each] is not None}
    body = {"name": name, "description": description, "attributes": told | {"vitrina_day": row["start"][:10]}}
    path = f"/v1/applications/{application}/stores/{store}"
    return Call("PUT", path, {"Authorization": f"Bearer {token}"}, body)


def voucherify(campaign: str, row: Json, *, app_id: str, app_token: str) -> Call:
    """Exposure of a campaign, as its metadata; what is held back is taken away, so that no old figure stays.

    Its events belong to customers, and so are not the place for figures that belong to nobody.
    """
    told = {f"vitrina_{name}": row[name] for name in ("plays", "ots", "viewers")}
    kept = {name: value for name, value in told.items() if value is not None}
    body: Json = {"metadata": kept | {"vitrina_day": row["start"][:10]}}
    if len(kept) < len(told):
        body["unset_metadata_fields"] = sorted(told.keys() - kept.keys())
    return Call("PUT", f"/v1/campaigns/{quote(campaign)}", {"X-App-Id": app_id, "X-App-Token": app_token}, body)


def mindbox(rows: Iterable[Json], *, endpoint: str, operation: str, secret: str) -> Call:
    """Traffic of some hours as a bulk operation: CSV, with columns as the operation was set up to take them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(["hour", "entrants", "heldBack"])
    writer.writerows([row["start"], row["entrants"], "true" if row["held_back"] else "false"] for row in rows)
    path = "/v3/operations/bulk?" + urlencode({"endpointId": endpoint, "operation": operation})
    headers = {
        "Authorization": f'Mindbox secretKey="{secret}"',
        "Accept": "application/json",
        "Content-Type": "text/csv;charset=utf-8",
    }
    return Call("POST", path, headers, out.getvalue())


def from_open_loyalty(transaction: Json, timezone: str) -> Json:
    """A receipt of a transaction; of `customerData` only remains that there was some."""
    header = transaction["header"]
    bought = datetime.fromisoformat(header["purchasedAt"])
    local = bought if bought.tzinfo else bought.replace(tzinfo=ZoneInfo(timezone))
    return {
        "id": header["documentNumber"],
        "t": local.isoformat(),
        "kind": "return" if header["documentType"] == "return" else "sale",
        "has_card": bool(transaction.get("customerData")),
        "lines": [
            {
                "category": each["category"],
                "sku": each["sku"],
                "quantity": each["quantity"],
                "gross": each["grossValue"],
            }
            for each in transaction["items"]
        ],
    }


def from_talon_one(session: Json, closed: str) -> Json:
    """A receipt of a customer session that was closed at `closed`, ISO 8601; `profileId` says only: with a card."""
    return {
        "id": session["integrationId"],
        "t": closed,
        "has_card": bool(session.get("profileId")),
        "lines": [
            {
                "category": each["category"],
                "sku": each["sku"],
                "quantity": each["quantity"],
                "gross": round(each["price"] * each["quantity"], 2),
            }
            for each in session["cartItems"]
        ],
    }


def from_voucherify(order: Json, categories: Mapping[str, str]) -> Json:
    """A receipt of an order; amounts come in hundredths. `categories` by the merchant's own product id."""
    return {
        "id": order["source_id"],
        "t": order["created_at"],
        "has_card": bool(order.get("customer_id")),
        "lines": [
            {
                "category": categories[each["source_id"]],
                "sku": each["source_id"],
                "quantity": each["quantity"],
                "gross": (each["amount"] - each.get("total_applied_discount_amount", 0)) / 100,
                "discount": each.get("total_applied_discount_amount", 0) / 100,
            }
            for each in order["items"]
        ],
    }


def from_commerceml(xml: bytes) -> str:
    """A file for a watched folder (subject `receipts`), of the documents of a CommerceML 2 exchange.

    Counterparties, and all else that could be of a person, are not read at all. `Артикул` is the article's number, by
    which the catalogue knows its category; without one, `Ид` is.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "date", "time", "kind", "has_card", "sku", "quantity", "gross"])
    for document in ET.fromstring(xml).iterfind(".//{*}Документ"):  # noqa: S314 - of the shop's own exchange
        text = {name: document.findtext(f"{{*}}{name}", "") for name in ("Ид", "Дата", "Время", "ХозОперация")}
        kind = "return" if text["ХозОперация"].startswith("Возврат") else "sale"
        carded = "yes" if document.find("{*}Контрагенты/{*}Контрагент") is not None else "no"
        for good in document.iterfind("{*}Товары/{*}Товар"):
            sku = good.findtext("{*}Артикул") or good.findtext("{*}Ид", "")
            sums = good.findtext("{*}Количество", ""), good.findtext("{*}Сумма", "")
            writer.writerow([text["Ид"], text["Дата"], text["Время"], kind, carded, sku, *sums])
    return out.getvalue()
