"""Files from till and loyalty programme through a real server: uploaded, looked at, imported by its worker, and gone."""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from server.db.events import events
from server.db.imports import Source, begin, faults, list_imports
from server.db.money import take_currency
from server.db.running_imports import break_off
from server.db.trade_tables import categories, sales
from server.imports.jobs import BROKEN_OFF

BASE = "/api/v1/sites/shop/loyalty"
TILL = """Касса;Чек;Дата;Время;Группа;Количество;Сумма;Карта;Телефон;Кассир
1;100;21.11.2025;14:20;Молоко;2;120,50;да;+7 916 123-45-67;Иванова
1;100;21.11.2025;14:20;Хлеб;1;45,00;да;+7 916 123-45-67;Иванова
1;101;21.11.2025;14:25;Хлеб;1;45,00;нет;;Петрова
1;102;21.11.2025;14:31;Хлеб;1;сорок пять;нет;;Петрова
"""
PERSONAL = ("916", "Иванов", "Петров", "Телефон")


@pytest.fixture
def shop(serve, bearer):
    client = serve()
    client.headers = bearer(client, "merchandiser")
    return client


@pytest.fixture
def upload(shop):
    """`upload(content)`: the file's id."""

    def send(content, name="till.csv"):
        answer = shop.post(f"{BASE}/files", params={"name": name}, content=content)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return send


@pytest.fixture
def taken(shop, upload):
    """`taken(content, mapping)`: the file's state when it is done."""

    def take(content, mapping, name="till.csv"):
        file = upload(content, name)
        answer = shop.post(f"{BASE}/files/{file}/import", json={"mapping": mapping})
        assert answer.status_code == 202, answer.text
        deadline = monotonic() + 30
        while (state := shop.get(f"{BASE}/files/{file}").json())["state"] != "done" and monotonic() < deadline:
            sleep(0.05)
        assert state["state"] == "done"
        return state

    return take


def suggested(shop, file, **query):
    answer = shop.get(f"{BASE}/files/{file}/preview", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def in_rubles(mapping):
    return mapping | {"constants": {"currency": "RUB"}}


def test_a_till_s_file_is_suggested_looked_at_and_taken(shop, upload, taken):
    content = TILL.encode("windows-1251")
    seen = suggested(shop, upload(content))
    assert (seen["encoding"], seen["delimiter"], seen["decimal"], seen["dates"]) == (
        "windows-1251", ";", "comma", ["dd.mm.yyyy"],
    )  # fmt: skip
    assert seen["missing"] == ["currency"], "nobody named one yet"
    assert [column["name"] for column in seen["columns"] if column["could_name_person"]] == ["Телефон", "Кассир"]
    state = taken(content, in_rubles(seen["mapping"]))
    with shop.service.engine.connect() as conn:
        (record,) = list_imports(conn, "shop")
        assert (record.id, record.status, record.by, record.name) == (
            state["import_id"],
            "partly",
            "upload",
            "till.csv",
        )
        assert (record.counts.taken, record.counts.refused) == (3, 1)
        (fault,) = [fault for fault in faults(conn, record.id) if fault.line]
        assert (fault.line, fault.column, fault.fault) == (5, "Сумма", "expected an amount such as 12.50 or 12,50")
        rows = conn.execute(select(sales.c.bin_ms, sales.c.category, sales.c.gross_c, sales.c.card_receipts)).all()
        named = dict(conn.execute(select(categories.c.category, categories.c.name)).all())
    quarter = round(datetime(2025, 11, 21, 13, 15, tzinfo=UTC).timestamp() * 1000)
    assert sorted(rows) == [(quarter, "", 21_050, 1), (quarter, "khleb", 9000, 1), (quarter, "moloko", 12_050, 1)]
    assert named == {"moloko": "Молоко", "khleb": "Хлеб"}


def test_a_preview_shows_lines_as_they_would_be_taken_and_their_faults(shop, upload):
    file = upload(TILL.encode("windows-1251"))
    mapping = in_rubles(suggested(shop, file)["mapping"])
    lines = shop.post(f"{BASE}/files/{file}/preview", json=mapping).json()["lines"]
    assert lines[0]["told"] | {"t": ""} == {
        "t": "", "has_card": True, "kind": "sale", "category": "moloko", "quantity": 2.0, "gross": 120.5, "discount": 0.0,
    }  # fmt: skip
    assert lines[3]["faults"] == [{"column": "Сумма", "fault": "expected an amount such as 12.50 or 12,50"}]
    wrong = shop.post(f"{BASE}/files/{file}/preview", json=mapping | {"encoding": "windows-1252"})
    assert wrong.status_code == 422, "a wrong encoding is seen at once: no column has its name"


def test_what_could_name_a_person_goes_nowhere(shop, taken, upload, tmp_path, caplog):
    content = TILL.encode()
    with caplog.at_level(logging.DEBUG):
        looked, tried = upload(content), upload(content)
        mapping = in_rubles(suggested(shop, looked)["mapping"])
        named = mapping | {"columns": mapping["columns"] | {"sku": "Телефон"}}
        refused = shop.post(f"{BASE}/files/{tried}/preview", json=named)
        taken(content, mapping)
    assert refused.status_code == 422
    for file in (looked, tried):
        assert shop.delete(f"{BASE}/files/{file}").status_code == 204
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in PERSONAL:
        assert secret.encode() not in kept, secret
        assert secret not in caplog.text, secret


def test_an_upload_is_gone_after_its_import_and_after_a_day(shop, upload, taken):
    folder = shop.service.settings.media.folder / "tables"
    taken(TILL.encode(), in_rubles(suggested(shop, upload(TILL.encode()))["mapping"]))
    left = sorted(path.suffix for path in folder.iterdir())
    assert left == [".json", ".table"], "only the one that was not imported"
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    upload(b"a,b\n1,2\n")
    assert len(list(folder.iterdir())) == 2, "the new one alone"
    assert (folder.stat().st_mode & 0o777, {p.stat().st_mode & 0o777 for p in folder.glob("*.table")}) == (
        0o700,
        {0o600},
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\n", "The file is empty"),
        (b"a,b\n", "no lines below"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no text"),
        (b"PK\x03\x04 not a workbook", "workbook is broken"),
        (b"%PDF-1.7 \x00", "is a PDF"),
        (b"79161234567,12\n1,2\n", "holds a value in column 1"),
    ],
)
def test_a_file_that_is_no_table_says_so(shop, upload, content, told):
    answer = shop.get(f"{BASE}/files/{upload(content)}/preview")
    assert answer.status_code == 422
    assert told in answer.json()["detail"]
    assert "7916" not in answer.text


def test_only_merchandisers_and_only_their_site(shop, bearer, upload):
    file = upload(TILL.encode())
    viewer = bearer(shop, "viewer")
    assert shop.post(f"{BASE}/files", params={"name": "a"}, content=b"a", headers=viewer).status_code == 403
    assert shop.get(f"{BASE}/files/{file}/preview", headers=viewer).status_code == 403
    assert shop.get(f"{BASE.replace('shop', 'other')}/files/{file}/preview").status_code == 404
    assert shop.get(f"{BASE}/files/{'0' * 32}/preview").status_code == 404


def test_what_is_too_large_is_refused_before_it_is_sent(shop):
    answer = shop.post(f"{BASE}/files", params={"name": "a"}, content=b"a", headers={"content-length": "2000000000"})
    assert answer.status_code == 413
    assert "send it in parts" in answer.json()["detail"]


def test_what_grows_too_large_is_refused_and_gone(shop, monkeypatch):
    monkeypatch.setattr("server.imports.upload.LARGEST_BYTES", 3_000_000)
    pieces = (b"1;2\n" * 250_000 for _ in range(9))
    answer = shop.post(f"{BASE}/files", params={"name": "a"}, content=pieces)
    assert answer.status_code == 413
    assert list((shop.service.settings.media.folder / "tables").iterdir()) == []


def test_a_full_disk_is_told(shop, monkeypatch):
    monkeypatch.setattr("server.imports.upload.LEFT_FREE_BYTES", 1 << 60)
    answer = shop.post(f"{BASE}/files", params={"name": "a"}, content=b"a;b\n1;2\n")
    assert answer.status_code == 507
    assert "disk is nearly full" in answer.json()["detail"]


def test_mappings_are_saved_under_names(shop, upload, taken):
    file = upload(TILL.encode())
    mapping = in_rubles(suggested(shop, file)["mapping"])
    assert shop.put(f"{BASE}/mappings/till", json=mapping).status_code == 200
    assert [each["name"] for each in shop.get(f"{BASE}/mappings").json()] == ["till"]
    assert suggested(shop, file, mapping="till")["missing"] == []
    assert taken(TILL.encode(), "till")["trouble"] is None
    bad = shop.put(f"{BASE}/mappings/till", json=mapping | {"columns": {"sku": "Номер карты"}})
    assert bad.status_code == 422
    assert "could name a person" in bad.text
    assert shop.delete(f"{BASE}/mappings/till").status_code == 204
    assert shop.delete(f"{BASE}/mappings/till").status_code == 404


def test_an_import_that_is_killed_is_told_and_can_be_sent_again(shop, upload, taken):
    mapping = in_rubles(suggested(shop, upload(TILL.encode()))["mapping"])
    with shop.service.engine.begin() as conn:
        begin(conn, "shop", "receipts", Source("upload", "half.csv", "somebody", "0" * 64), now=shop.service.clock())
        assert break_off(conn, now=shop.service.clock(), trouble=BROKEN_OFF) == 1
        (record,) = list_imports(conn, "shop")
    assert (record.status, record.trouble) == ("refused", BROKEN_OFF)
    assert taken(TILL.encode(), mapping)["trouble"] is None


def test_a_worker_that_dies_is_no_trouble_to_the_server(shop, upload, monkeypatch):
    file = upload(TILL.encode())
    mapping = in_rubles(suggested(shop, file)["mapping"])
    monkeypatch.setattr("server.imports.jobs.sys.executable", "/bin/false")
    shop.post(f"{BASE}/files/{file}/import", json={"mapping": mapping})
    deadline = monotonic() + 10
    while (state := shop.get(f"{BASE}/files/{file}").json())["state"] != "done" and monotonic() < deadline:
        sleep(0.02)
    assert state["trouble"] == BROKEN_OFF


@pytest.fixture
def watched(serve, tmp_path, monkeypatch):
    """`watched(mapping=...)`: a server that looks at a folder ten times a second; the folder."""
    monkeypatch.setattr("server.imports.files.LOOK_EVERY_S", 0.1)

    def start(**more):
        folder = tmp_path / "till"
        folder.mkdir()
        entry = {"site": "shop", "folder": "till", "subject": "receipts"} | more
        return serve(folders=[entry]), folder

    return start


def wait_for(path: Path):
    deadline = monotonic() + 30
    while not path.exists() and monotonic() < deadline:
        sleep(0.05)
    assert path.exists(), sorted(each.name for each in path.parent.parent.rglob("*"))


OURS = (
    "id,t,has_card,category,gross\n1,2025-11-21T14:20:00+01:00,yes,bread,1.50\n2,2025-11-21T14:21:00+01:00,no,bread,x\n"
)


def test_a_watched_folder_is_emptied(watched):
    shop, folder = watched()
    with shop.service.engine.begin() as conn:
        take_currency(conn, "shop", "EUR")
    (folder / "a.csv.part").write_text(OURS)
    (folder / "a.csv.part").rename(folder / "a.csv")
    (folder / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    wait_for(folder / "done" / "a.csv")
    wait_for(folder / "refused" / "photo.csv.txt")
    assert (folder / "done" / "a.csv.txt").read_text() == "line 3, gross: expected an amount such as 12.50 or 12,50\n"
    assert "no text" in (folder / "refused" / "photo.csv.txt").read_text()
    (folder / "a.csv").write_text(OURS)
    wait_for(folder / "done" / "a-2.csv")
    with shop.service.engine.connect() as conn:
        last = list_imports(conn, "shop")[0]
    assert (last.by, last.counts.taken, last.counts.known) == ("folder", 0, 1)


def test_a_folder_or_mapping_that_is_missing_is_told_once(watched):
    shop, folder = watched(mapping="till")
    (folder / "a.csv").write_text(OURS)
    told = "there is no mapping 'till'"
    wait_for_event(shop, told)
    (folder / "a.csv").unlink()
    folder.rmdir()
    wait_for_event(shop, "No such file")
    texts = events_of(shop)
    assert [sum(what in text for text in texts) for what in (told, "No such file")] == [1, 1]


def events_of(shop):
    with shop.service.engine.connect() as conn:
        return [event.text for event in events(conn, site="shop", start=0, end=4e9)]


def wait_for_event(shop, told):
    deadline = monotonic() + 10
    while not any(told in text for text in events_of(shop)) and monotonic() < deadline:
        sleep(0.05)
    assert any(told in text for text in events_of(shop)), events_of(shop)
