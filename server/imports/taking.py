"""A file into the database: opened, settled, read and handed to the one way in."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from contract.loyalty import Category, Subject
from contract.personal import tells_person
from server.db import catalogue
from server.db.imports import Source, begin, finish
from server.db.money import currency
from server.db.sites import get_site
from server.imports.errors import NotTakenError
from server.imports.fields import WITH_MONEY
from server.imports.file_errors import FileError
from server.imports.ground import Ground
from server.imports.intake import take_items, take_receipts
from server.imports.items import ItemReader, read_items
from server.imports.limits import Limits
from server.imports.mapping import CURRENCY, Mapping, as_ours
from server.imports.receipt_lines import ReceiptReader, read_receipts
from server.imports.receipts import Fault, Taken
from server.imports.settling import settle
from server.imports.tables import Form, open_table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """A file that is to be taken. `mapping` None: its columns are called as our fields are."""

    site: str
    subject: Subject
    path: Path
    source: Source
    mapping: Mapping | None


def ground_of(conn: Connection, site: str) -> Ground:
    """What a store's files are read with; UTC and no names where there is no such site."""
    record = get_site(conn, site)
    if record is None:
        return Ground(ZoneInfo("UTC"))
    known = {name.casefold(): key for key, name in catalogue.names(conn, site).items()}
    zones = {(zone.name or key).casefold(): key for key, zone in record.document.zones.items()}
    return Ground(ZoneInfo(record.timezone), known, zones)


def take_file(engine: Engine, job: Job, limits: Limits) -> Taken:
    """Take what can be taken of a file; what is wrong with it is listed with the import.

    Raises:
        NotTakenError: nothing could be taken; the import says why, too.
    """
    try:
        return _take(engine, job, limits)
    except FileError as error:
        raise _refused(engine, job, limits, str(error)) from None
    except OSError as error:
        raise _refused(engine, job, limits, f"The file cannot be read ({error.strerror}).") from None


def with_currency(mapping: Mapping, money: str | None) -> Mapping:
    """The mapping with the site's currency, where it names none and amounts need one."""
    if money is None or mapping.subject not in WITH_MONEY or mapping.constants.get(CURRENCY):
        return mapping
    return mapping.model_copy(update={"constants": mapping.constants | {CURRENCY: money}})


def _whole(job: Job, money: str | None) -> Mapping:
    if job.mapping is None:
        with open_table(job.path, Form()) as table:
            mapping = as_ours(job.subject, table.header, currency=money)
    else:
        mapping = with_currency(job.mapping, money)
    if lacking := mapping.missing():
        raise FileError("Nothing says %(fields)s; choose their columns in a mapping.", fields=", ".join(lacking))
    return mapping


def _take(engine: Engine, job: Job, limits: Limits) -> Taken:
    with engine.connect() as conn:
        ground, money = ground_of(conn, job.site), currency(conn, job.site)
    mapping = _whole(job, money)
    settled = settle(job.path, mapping)
    named = mapping.constants.get(CURRENCY)
    source = Source(job.source.by, job.source.name, job.source.who, _digest(job.source.digest, mapping))
    with open_table(job.path, settled.form) as table:
        if job.subject != "receipts":
            items = _while_it_lasts(read_items(table.lines, ItemReader(settled, ground)))
            return take_items(engine, job.site, job.subject, items, currency=named, source=source, limits=limits)
        reader = ReceiptReader(settled, ground)
        rows = _while_it_lasts(read_receipts(table.lines, reader))
        taken = take_receipts(engine, job.site, rows, currency=named or "", source=source, limits=limits)
    _name_categories(engine, job.site, reader.names)
    return taken


def _while_it_lasts(rows: Iterable[T]) -> Iterator[T | Fault]:
    """What was read before a file broke stays; that it broke is said."""
    try:
        yield from rows
    except (FileError, OSError) as error:
        yield Fault(0, "", str(error))


def _digest(of_file: str, mapping: Mapping) -> str:
    """The same file read in another way is another one."""
    return sha256(f"{of_file} {json.dumps(mapping.model_dump(), sort_keys=True)}".encode()).hexdigest()


def _name_categories(engine: Engine, site: str, names: dict[str, str]) -> None:
    """Where there is no catalogue yet, categories are called as the receipts call them."""
    with engine.begin() as conn:
        if names and not catalogue.categories(conn, site):
            called = {key: name[:120] for key, name in names.items() if tells_person(name) is None}
            catalogue.put_categories(conn, site, [Category(category=key, name=name) for key, name in called.items()])


def _refused(engine: Engine, job: Job, limits: Limits, why: str) -> NotTakenError:
    with engine.begin() as conn:
        if get_site(conn, job.site) is None:
            return NotTakenError(why)
        import_id = begin(conn, job.site, job.subject, job.source, now=limits.now)
        finish(conn, import_id, now=limits.now, trouble=why)
    return NotTakenError(why, import_id)
