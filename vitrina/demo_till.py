"""How the demo's supermarket tells what it sells: the last days over MQTT, the weeks before them in files."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from contract.loyalty_messages import ToldMessage, type_told
from contract.topics import loyalty_in_topic
from server.advice.doing import note_change
from server.db.engine import connect
from server.db.mappings import MappingRecord, put_mapping
from server.db.sites import get_site
from server.imports.mapping import Mapping
from server.settings import load
from vitrina.demo import MAPPING
from vitrina.demo_line import Line
from vitrina.demo_trade import Sent, Shop
from vitrina.errors import DemoError
from vitrina.simulate.purchases import Lines
from vitrina.simulate.receipts import COLUMNS, write_receipts

BY_MESSAGE = timedelta(days=7)
"""Days told receipt by receipt, as a till does that has a line; the rest comes as its exports."""


def prepare(server_yaml: Path, shop: Shop, now: datetime) -> Path:
    """Before the server starts: how the till's exports are read, and what was moved; the folder for the exports."""
    settings, site = load(server_yaml), shop.site.site
    folder = next(each.folder for each in settings.folders if each.site == site)
    folder.mkdir(exist_ok=True)
    engine = connect(settings.database)
    try:
        with engine.begin() as conn:
            put_mapping(conn, site, _mapping(shop.market.goods.currency, now))
            if (record := get_site(conn, site)) is None:
                raise DemoError(f"the database knows no site {site!r}")
            for name, change in shop.changes():
                note_change(conn, record, name, change, by="demo", now=now.timestamp())
    finally:
        engine.dispose()
    return folder


def _mapping(currency: str, now: datetime) -> MappingRecord:
    columns = {"id": "receipt", "t": "time"} | {name: name for name in COLUMNS[2:]}
    mapping = Mapping(subject="receipts", columns=columns, constants={"currency": currency}, negative_returns=True)
    return MappingRecord(MAPPING, "receipts", mapping.model_dump(mode="json"), "demo", now.timestamp())


class Till:
    """One store's; days are told newest first."""

    def __init__(self, line: Line, shop: Shop, folder: Path, now: datetime) -> None:
        self.shop = shop
        self._line, self._folder = line, folder
        self._now, self._since = now, now - BY_MESSAGE
        self._export: list[Lines] = []
        self._sent = 0

    def open(self) -> None:
        """Tell what is known without receipts."""
        for sent in self.shop.standing():
            self._tell(sent)

    def close(self) -> None:
        """The past is told: the last export, and what the programme makes of it."""
        self.export()
        self._tell(self.shop.programme())

    def sold(self, lines: Lines) -> None:
        """An hour's."""
        if lines.start < self._since:
            self._export.append(lines)
            return
        for sent in self.shop.receipts(lines):
            self._tell(sent)

    def export(self) -> None:
        """Put what was kept since the last time into a file."""
        if not self._export:
            return
        hours = sorted(self._export, key=lambda lines: lines.start)
        file = self._folder / f"till-{hours[0].start:%Y-%m-%d}.csv"
        unfinished = file.with_suffix(".csv.part")
        write_receipts(self.shop.market, hours, unfinished)
        unfinished.rename(file)
        self._export.clear()

    def _tell(self, sent: Sent) -> None:
        subject, document = sent
        self._sent += 1
        message = ToldMessage(
            id=f"{self._line.boot_id}-{subject}-{self._sent}",
            source="till" if subject == "receipts" else "programme",
            type=type_told(subject),
            time=self._now,
            site=self.shop.site.site,
            data=document.model_dump(mode="json", exclude_none=True),
        )
        payload = json.dumps(message.model_dump(mode="json")).encode()
        self._line.tell(loyalty_in_topic(self.shop.site.site, subject), payload)
