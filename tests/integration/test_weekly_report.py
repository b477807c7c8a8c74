"""The weekly report: on a page, as a PDF, and by a real SMTP server, in both languages."""

import asyncio
import email
import email.policy
import re
import time
from datetime import UTC, date, datetime, timedelta
from html import unescape

import pypdfium2
import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from server.db import money
from server.db.advice_tables import reports_sent
from server.db.trade_tables import sales_days
from server.pdf import to_pdf
from server.settings import Mail
from server.weekly_mail import PAUSE_S, TRIES_MOST, WeeklyMail
from vitrina.broker import free_port

MONDAY = date(2025, 11, 10)


def fill(engine):
    """Two weeks of receipts before the one of NOON, the second with a quarter more."""
    with engine.begin() as conn:
        money.take_currency(conn, "shop", "EUR")
        for i in range(-7, 7):
            receipts = 100 if i < 0 else 125
            row = {"site": "shop", "day": MONDAY + timedelta(days=i), "category": "", "offer": "", "receipts": receipts}
            row |= {"card_receipts": 60, "returns": 0, "quantity": 300.0, "gross_c": receipts * 2000 + i}
            conn.execute(sales_days.insert().values(row | {"margin_c": 0, "margin_gross_c": 0, "discount_c": 0}))


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<style>.*?</style>", "", html))).split())


class Box:
    """Takes messages, or answers `refuses`."""

    def __init__(self):
        self.got, self.refuses = [], ""

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - as the library calls it
        if self.refuses:
            return self.refuses
        self.got.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 taken"


@pytest.fixture
def smtp():
    box = Box()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@pytest.fixture
def mailing(serve, smtp, clock):
    """`mailing(to=[...])`: the task of a server that knows two weeks; `.look()` sends what is due."""

    def make(**asked):
        reports = [{"site": "shop", "to": ["anna@shop.example"]} | asked]
        service = serve(weekly_reports=reports).service  # without `mail` its own task does nothing
        fill(service.engine)
        mail = Mail(host="127.0.0.1", port=smtp.port, security="none", sender="vitrina@shop.example")
        task = WeeklyMail(service)

        def look(port=smtp.port):
            for due in task.due():
                asyncio.run(task.send(mail.model_copy(update={"port": port}), due))

        task.look, task.engine = look, service.engine
        return task

    clock.t = datetime(2025, 11, 17, 7, 30, tzinfo=UTC).timestamp()  # Monday, 8:30 in Berlin
    return make


def test_the_week_on_a_page(serve, bearer, clock):
    client = serve()
    fill(client.service.engine)
    clock.t = datetime(2025, 11, 19, 12, tzinfo=UTC).timestamp()
    page = client.get("/week", headers=bearer(client))
    assert page.status_code == 200
    told = words(page.text)
    assert "10–16 Nov" in told
    assert "Receipts 875 700 +25.0 %" in told
    assert "€3,500 (25.0 %) more than on 3–9 Nov." in told
    assert "Mon 10 Nov – – 125" in told, "who came in was not measured, which is not none"
    earlier = words(client.get("/week?week=2025-11-05&lang=ru", headers=bearer(client)).text)
    assert "3–9 нояб." in earlier
    assert "Чеки 700" in earlier
    assert client.get("/week?week=soon", headers=bearer(client)).status_code == 422
    assert client.get("/week").status_code in {302, 303, 401}


def test_the_week_on_paper(serve, bearer, clock):
    client = serve()
    fill(client.service.engine)
    clock.t = datetime(2025, 11, 19, 12, tzinfo=UTC).timestamp()
    answer = client.get("/week.pdf?lang=ru", headers=bearer(client))
    assert answer.headers["content-type"] == "application/pdf"
    with pypdfium2.PdfDocument(answer.content) as paper:
        text = paper[0].get_textpage().get_text_range()
    assert "Неделя в цифрах" in text
    assert "875" in text


def test_nothing_is_fetched_for_paper(target):
    assert to_pdf(f'<p>x</p><img src="{target.url}"><img src="file:///etc/hostname">')[:4] == b"%PDF"
    assert target.got == []


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "The shop: the week of 10–16 Nov"), ("ru", "The shop: неделя 10–16 нояб.")]
)
def test_it_goes_out_once_to_each(mailing, smtp, language, subject):
    task = mailing(to=["anna@shop.example", "boris@shop.example"], language=language)
    task.look()
    task.look()
    assert sorted(to for (to,), _ in smtp.got) == ["anna@shop.example", "boris@shop.example"]
    message = smtp.got[0][1]
    assert message["Subject"] == subject
    assert "875" in message.get_body(("html",)).get_content()
    (paper,) = message.iter_attachments()
    assert paper.get_content()[:4] == b"%PDF"
    assert paper.get_filename() == "shop-2025-11-10.pdf"
    with task.engine.connect() as conn:
        kept = repr(conn.execute(select(reports_sent)).all())
    assert "anna" not in kept


@pytest.mark.parametrize(
    ("t", "due", "why"),
    [
        (datetime(2025, 11, 17, 5, 59, tzinfo=UTC), 0, "6:59 on Monday in Berlin"),
        (datetime(2025, 11, 17, 6, 0, tzinfo=UTC), 1, "7:00 on Monday"),
        (datetime(2025, 11, 19, 1, 0, tzinfo=UTC), 1, "the server was away on Monday"),
        (datetime(2025, 11, 24, 5, 0, tzinfo=UTC), 0, "the next Monday, too early"),
    ],
)
def test_when_it_is_due(mailing, clock, t, due, why):
    task = mailing()
    clock.t = t.timestamp()
    assert len(task.due()) == due, why


def test_what_is_refused_is_tried_again_and_given_up_after_a_day(mailing, smtp, clock):
    task, smtp.refuses = mailing(), "451 <anna@shop.example> later"
    task.look()
    assert task.due() == [], "not at once"
    clock.t += PAUSE_S
    smtp.refuses = ""
    task.look()
    assert len(smtp.got) == 1
    with task.engine.connect() as conn:
        (row,) = conn.execute(select(reports_sent)).all()
    assert (row.tries, row.trouble) == (2, None)


def test_it_is_given_up_at_last(mailing, smtp, clock):
    task, smtp.refuses = mailing(), "550 <anna@shop.example> is unknown"
    for _ in range(TRIES_MOST + 3):
        task.look()
        clock.t += PAUSE_S
    with task.engine.connect() as conn:
        (row,) = conn.execute(select(reports_sent)).all()
    assert row.tries == TRIES_MOST
    assert "anna" not in row.trouble


def test_the_servers_own_task_sends(serve, smtp, clock):
    clock.t = datetime(2025, 11, 18, 9, tzinfo=UTC).timestamp()
    mail = {"host": "127.0.0.1", "port": smtp.port, "security": "none", "sender": "vitrina@shop.example"}
    serve(mail=mail, weekly_reports=[{"site": "shop", "to": ["anna@shop.example"]}])
    end = time.monotonic() + 20
    while not smtp.got and time.monotonic() < end:
        time.sleep(0.05)
    assert [to for to, _ in smtp.got] == [["anna@shop.example"]]


def test_a_server_that_is_not_there_is_told_and_waited_for(mailing, smtp, capsys):
    task = mailing()
    task.look(port=1)
    assert "weekly report not sent" in capsys.readouterr().out
    assert smtp.got == []
