"""The mappings for loyalty engines, against servers that answer as their interfaces are documented, and against ours."""

import csv
import importlib.util
import io
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from server.imports import files

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "loyalty_engines.py"
EXPOSURE = {
    "start": "2025-11-22T00:00:00+01:00",
    "campaign": "coffee",
    "screen": "left",
    "plays": 70,
    "ots": 120,
    "viewers": None,
    "held_back": True,
    "held": ["viewers"],
}
FUNNEL = {"start": "2025-11-22T00:00:00+01:00", "entrants": 164, "passers": None, "receipts": 90}


@pytest.fixture(scope="module")
def engines():
    spec = importlib.util.spec_from_file_location("loyalty_engines", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    sys.modules["loyalty_engines"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["loyalty_engines"]


def numbers_and_words(value):
    return all(isinstance(each, str | int | float) for each in value.values())


def open_loyalty(method, path, headers, body):
    """help.openloyalty.io: a map of groups, each a map of fields to values, null clears."""
    if method != "PATCH" or not re.fullmatch(r"/api/[\w-]+/custom-fields/campaign/[\w-]+", path):
        return 404
    if not headers.get("Authorization", "").startswith("Bearer "):
        return 401
    return 204 if all(isinstance(fields, dict) for fields in body.values()) else 400


def talon_one(method, path, headers, body):
    """UpdateStore of the Management API: name and description are needed, attributes are scalars."""
    if method != "PUT" or not re.fullmatch(r"/v1/applications/\d+/stores/\d+", path):
        return 404
    if not headers.get("Authorization", "").startswith("Bearer "):
        return 401
    known = set(body) <= {"name", "description", "attributes"} and {"name", "description"} <= set(body)
    return 200 if known and numbers_and_words(body["attributes"]) else 400


def voucherify(method, path, headers, body):
    """CampaignsUpdateRequestBody."""
    if method != "PUT" or not re.fullmatch(r"/v1/campaigns/[\w-]+", path):
        return 404
    if not (headers.get("X-App-Id") and headers.get("X-App-Token")):
        return 401
    known = set(body) <= {"metadata", "unset_metadata_fields"} and numbers_and_words(body["metadata"])
    return 200 if known and isinstance(body.get("unset_metadata_fields", []), list) else 400


def mindbox(method, path, headers, body):
    """V3, bulk: the operation and the endpoint in the address, the key in the header, CSV in the body."""
    parts = urlsplit(path)
    if (method, parts.path) != ("POST", "/v3/operations/bulk") or set(parse_qs(parts.query)) != {
        "endpointId",
        "operation",
    }:
        return 404
    if not re.fullmatch(r'Mindbox secretKey="[^"]+"', headers.get("Authorization", "")):
        return 401
    return 200 if headers["Content-Type"] == "text/csv;charset=utf-8" and body.count("\n") > 1 else 400


@pytest.fixture
def engine():
    """`engine(interface)`: an address that answers as the interface says, and remembers what it took."""
    running = []

    def start(interface):
        taken = []

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self):
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                body = json.loads(raw) if "json" in self.headers["Content-Type"] else raw
                status = interface(self.command, self.path, self.headers, body)
                taken.append(body)
                self.send_response(status)
                self.end_headers()

            do_POST = do_PUT = do_PATCH = handle_any  # noqa: N815 - the names that http.server calls

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}", taken

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def status_of(address, call):
    body = call.body if isinstance(call.body, str) else json.dumps(call.body)
    headers = {"Content-Type": "application/json"} | call.headers
    return httpx2.request(call.method, address + call.path, content=body, headers=headers, timeout=10).status_code


def test_open_loyalty_takes_exposure_as_custom_fields(engines, engine):
    address, taken = engine(open_loyalty)
    assert status_of(address, engines.open_loyalty("default", "c-1", EXPOSURE, token="jwt")) == 204
    assert taken == [{"vitrina": {"day": "2025-11-22", "plays": 70, "ots": 120, "viewers": None}}]


def test_talon_one_takes_a_day_as_attributes_of_the_store(engines, engine):
    address, taken = engine(talon_one)
    call = engines.talon_one(3, 41, FUNNEL, name="Main street", description="The first one", token="t")
    assert status_of(address, call) == 200
    assert taken[0]["attributes"] == {"vitrina_entrants": 164, "vitrina_receipts": 90, "vitrina_day": "2025-11-22"}


def test_voucherify_takes_exposure_as_metadata_and_forgets_what_is_held_back(engines, engine):
    address, taken = engine(voucherify)
    assert status_of(address, engines.voucherify("camp_1", EXPOSURE, app_id="a", app_token="t")) == 200
    assert taken[0]["metadata"] == {"vitrina_plays": 70, "vitrina_ots": 120, "vitrina_day": "2025-11-22"}
    assert taken[0]["unset_metadata_fields"] == ["vitrina_viewers"]


def test_mindbox_takes_hours_by_a_bulk_operation(engines, engine):
    address, taken = engine(mindbox)
    rows = [
        {"start": "2025-11-22T09:00:00+01:00", "entrants": 40, "held_back": False},
        {"start": "2025-11-22T10:00:00+01:00", "entrants": None, "held_back": True},
    ]
    call = engines.mindbox(rows, endpoint="shop", operation="Traffic.Import", secret="k")
    assert status_of(address, call) == 200
    lines = list(csv.DictReader(io.StringIO(taken[0]), delimiter=";"))
    assert [(line["entrants"], line["heldBack"]) for line in lines] == [("40", "false"), ("", "true")]


OPEN_LOYALTY = {
    "items": [{"sku": "12AB", "name": "Loaf", "quantity": 2, "grossValue": 5.0, "category": "bread"}],
    "header": {"documentType": "sell", "documentNumber": "OL-1", "purchasedAt": "2025-11-22T12:10:00"},
    "customerData": {"email": "someone@shop.example", "loyaltyCardNumber": "4012888888881881"},
}
TALON_ONE = {
    "integrationId": "TO-1",
    "profileId": "profile-of-someone",
    "cartItems": [{"name": "Loaf", "sku": "12AB", "quantity": 3, "price": 2.5, "category": "bread"}],
}
VOUCHERIFY = {
    "source_id": "VF-1",
    "created_at": "2025-11-22T11:12:00Z",
    "customer_id": "cust_someone",
    "items": [{"source_id": "12AB", "quantity": 1, "amount": 250, "total_applied_discount_amount": 50}],
}
COMMERCEML = """<?xml version="1.0" encoding="windows-1251"?>
<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2" ВерсияСхемы="2.10">
  <Документ>
    <Ид>1C-1</Ид><Номер>15</Номер><Дата>2025-11-22</Дата><Время>12:14:00</Время>
    <ХозОперация>Отпуск товара</ХозОперация><Валюта>EUR</Валюта><Сумма>7.50</Сумма>
    <Контрагенты><Контрагент><Ид>77</Ид><Наименование>Иванов Иван</Наименование></Контрагент></Контрагенты>
    <Товары>
      <Товар><Ид>guid-1</Ид><Артикул>12AB</Артикул><Наименование>Хлеб</Наименование>
        <ЦенаЗаЕдиницу>2.50</ЦенаЗаЕдиницу><Количество>3</Количество><Сумма>7.50</Сумма></Товар>
    </Товары>
  </Документ>
  <Документ>
    <Ид>1C-2</Ид><Дата>2025-11-22</Дата><Время>12:20:00</Время><ХозОперация>Возврат товара</ХозОперация>
    <Товары><Товар><Артикул>12AB</Артикул><Количество>1</Количество><Сумма>2.50</Сумма></Товар></Товары>
  </Документ>
</КоммерческаяИнформация>""".encode("windows-1251")


@pytest.fixture
def shop(serve, bearer, tmp_path, monkeypatch):
    """Our server with a watched folder, asked with a loyalty token."""
    monkeypatch.setattr(files, "LOOK_EVERY_S", 0.2)
    (tmp_path / "from-1c").mkdir()
    client = serve(folders=[{"site": "shop", "folder": "from-1c", "subject": "receipts"}])
    client.headers |= bearer(client, "loyalty")
    return client


def tell(shop, subject, document):
    answer = shop.post(f"/api/v1/sites/shop/loyalty/in/{subject}", json=document)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_receipts_of_every_engine_are_taken_without_the_person(engines, shop, tmp_path, until):
    tell(shop, "catalogue", {"articles": [{"sku": "12AB", "name": "Loaf", "category": "bread"}]})
    receipts = [
        engines.from_open_loyalty(OPEN_LOYALTY, "Europe/Berlin"),
        engines.from_talon_one(TALON_ONE, "2025-11-22T11:11:00Z"),
        engines.from_voucherify(VOUCHERIFY, {"12AB": "bread"}),
    ]
    for name in ("someone", "4012", "Иванов"):
        assert name not in json.dumps(receipts, ensure_ascii=False)
        assert name not in engines.from_commerceml(COMMERCEML)
    taken = tell(shop, "receipts", {"currency": "EUR", "receipts": receipts})
    assert (taken["taken"], taken["refused"]) == (3, 0)
    part = tmp_path / "from-1c" / "sales.csv.part"
    part.write_text(engines.from_commerceml(COMMERCEML), encoding="utf-8")
    part.rename(part.with_suffix(""))
    where = "/api/v1/sites/shop/loyalty/in/imports"
    until(lambda: any(each["by"] == "folder" and each["done"] for each in shop.get(where).json()["imports"]), "1C", 20)
    (from_1c,) = (each for each in shop.get(where).json()["imports"] if each["by"] == "folder")
    assert (from_1c["status"], from_1c["taken"], from_1c["refused"]) == ("done", 2, 0), shop.get(
        f"{where}/{from_1c['id']}"
    ).text
