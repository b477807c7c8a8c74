"""The task that sends last week's report on Mondays, by the store's clock, to whom server.yaml names."""

import asyncio
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import NamedTuple
from zoneinfo import ZoneInfo

import aiosmtplib
import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from server.db import reports_sent
from server.db.sites import get_site
from server.pdf import to_pdf
from server.service import Service
from server.settings import Mail, WeeklyReport
from server.web import weekly
from server.web.language import Words
from server.web.trade_names import trade_names
from server.week_facts import last_week, week_facts

LOOK_EVERY_S = 60.0
TRIES_MOST = 48
"""Of one report to one address: a day and more with the pause between them."""
PAUSE_S = 1800.0
TIMEOUT_S = 30.0

log = structlog.get_logger()


class Due(NamedTuple):
    """A report that is to go out."""

    asked: WeeklyReport
    address: str
    week: date


class WeeklyMail:
    """Sends what is due; does nothing without `mail` in server.yaml."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._tried: dict[tuple[str, str], float] = {}

    async def run(self) -> None:
        """Until cancelled."""
        mail = self._service.settings.mail
        while mail is not None and self._service.settings.weekly_reports:
            try:
                for due in await run_in_threadpool(self.due):
                    await self.send(mail, due)
            except SQLAlchemyError as error:
                log.warning("weekly reports wait for the database", trouble=str(error).partition("\n")[0][:200])
            await asyncio.sleep(LOOK_EVERY_S)

    def due(self) -> list[Due]:
        """What has not gone out yet, from the hour on Mondays that was asked for."""
        now = self._service.clock()
        with self._service.engine.connect() as conn:
            found = []
            for asked in self._service.settings.weekly_reports:
                site = get_site(conn, asked.site)
                local = datetime.fromtimestamp(now, ZoneInfo(site.timezone)) if site else None
                if local is None or (local.weekday() == 0 and local.hour < asked.hour):
                    continue
                for address in asked.to:
                    week = last_week(local)
                    gone, tries = reports_sent.sent(conn, asked.site, week, address)
                    if not gone and tries < TRIES_MOST and now - self._tried.get((asked.site, address), 0.0) >= PAUSE_S:
                        found.append(Due(asked, address, week))
            return found

    async def send(self, mail: Mail, due: Due) -> None:
        """Try once, and note how it went."""
        now, trouble = self._service.clock(), None
        self._tried[due.asked.site, due.address] = now
        message = await run_in_threadpool(self._message, mail, due)
        try:
            await _deliver(mail, message)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            trouble = f"{type(error).__name__}: {str(error)[:200]}".replace(due.address, "the recipient")
            log.warning("weekly report not sent", site=due.asked.site, host=mail.host, trouble=trouble)
        await run_in_threadpool(self._note, due, now if trouble is None else None, trouble)

    def _note(self, due: Due, at: float | None, trouble: str | None) -> None:
        with self._service.engine.begin() as conn:
            reports_sent.note(conn, due.asked.site, due.week, due.address, at=at, trouble=trouble)

    def _message(self, mail: Mail, due: Due) -> EmailMessage:
        with self._service.engine.connect() as conn:
            site = get_site(conn, due.asked.site)
            assert site is not None  # noqa: S101 - `due` looked it up
            words = Words(due.asked.language, ZoneInfo(site.timezone))
            facts = week_facts(conn, site, due.week)
            address = self._service.settings.web.public_url or ""
            html = weekly.html(facts, words, trade_names(conn, site.document), address=address)
        name, subject = f"{site.site}-{due.week:%Y-%m-%d}.pdf", weekly.subject(facts, words)
        return compose(mail, due.address, subject, html, name=name, now=self._service.clock())


def compose(mail: Mail, to: str, subject: str, html: str, *, name: str, now: float) -> EmailMessage:
    """The document as the message itself and as a PDF beside it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail.sender, to, subject
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(subject)
    message.add_alternative(html, subtype="html")
    message.add_attachment(to_pdf(html), maintype="application", subtype="pdf", filename=name)
    return message


async def _deliver(mail: Mail, message: EmailMessage) -> None:
    await aiosmtplib.send(
        message,
        hostname=mail.host,
        port=mail.port,
        username=mail.username,
        password=mail.password.get_secret_value() if mail.password else None,
        use_tls=mail.security == "tls",
        start_tls=mail.security == "starttls",
        timeout=TIMEOUT_S,
    )
