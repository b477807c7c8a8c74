"""A client of the loyalty link: fetches what is told, takes webhooks, and never sees a person.

    python loyalty_client.py https://vitrina.example shop 2026-11-01 2026-11-21

with the token in VITRINA_TOKEN (`vitrina server token create --role loyalty NAME`). Needs nothing but Python 3.11.
"""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_AGO_S = 300
"""A webhook signed longer ago may have been kept by somebody and sent again."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Vitrina:
    """One store at one server."""

    address: str
    site: str
    token: str

    def told(self, subject: str, *, first: str, last: str, grain: str = "day") -> list[Row]:
        """Rows of a subject, for dates such as `2026-11-01`; the same for ever."""
        query = urllib.parse.urlencode({"grain": grain, "from": first, "to": last})
        url = f"{self.address}/api/v1/sites/{self.site}/loyalty/out/{subject}?{query}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self.token}"})  # noqa: S310 - as given
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return list(json.load(answer)["rows"])


class ForgedError(Exception):
    """A webhook that Vitrina did not send, or not just now."""


def open_webhook(headers: Mapping[str, str], body: bytes, *, secret: str, now: float | None = None) -> dict[str, Any]:
    """The message of a webhook, once its signature and its time have been checked.

    Keep the pair of `source` and `id`: the same message may come twice, when an answer got lost.

    Raises:
        ForgedError: says what is wrong.
    """
    sent, signed = headers.get("X-Vitrina-Timestamp", ""), headers.get("X-Vitrina-Signature-Timed", "")
    expected = "sha256=" + hmac.new(secret.encode(), sent.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(signed, expected):
        raise ForgedError("the signature does not fit; check the secret, and that the body is taken byte by byte")
    if abs((time.time() if now is None else now) - int(sent)) > LONGEST_AGO_S:
        raise ForgedError(f"signed at {sent}, too long ago; check this machine's clock")
    message: dict[str, Any] = json.loads(body)
    return message


def in_words(rows: list[Row], figure: str) -> str:
    """A figure day by day. What is held back is not nought, and must not be added up as if it were."""
    days = (f"{row['start'][:10]} {'under 10 or held back' if figure in row['held'] else row[figure]}" for row in rows)
    return "\n".join(days)


def main() -> None:
    """Print funnel and exposure of some days."""
    address, site, first, last = sys.argv[1:5]
    vitrina = Vitrina(address.rstrip("/"), site, os.environ["VITRINA_TOKEN"])
    store = [row for row in vitrina.told("funnel", first=first, last=last) if row["zone"] is None]
    sys.stdout.write("Entrants\n" + in_words(store, "entrants") + "\n")
    for row in vitrina.told("exposure", first=first, last=last):
        ots = "held back" if row["ots"] is None else row["ots"]
        shown = f"{row['campaign']} on {row['screen']}: {row['plays']} plays, {ots} could see it"
        sys.stdout.write(f"{row['start'][:10]} {shown}\n")


if __name__ == "__main__":
    main()
