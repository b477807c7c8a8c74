"""What tills and programmes tell over a real broker."""

import json
from datetime import date

import pytest
from starlette.testclient import TestClient

from contract.topics import loyalty_in_topic
from server.app import create_app
from server.db import sales
from server.db.events import events
from server.db.imports import list_imports
from server.ingest import TELL_EVERY_S

DAY = date(2025, 11, 22)


def receipts(*ids, **more):
    line = {"category": "tea", "gross": 2}
    told = [{"id": each, "t": "2025-11-22T12:01:00Z", "has_card": True, "lines": [line]} | more for each in ids]
    return {"currency": "EUR", "receipts": told}


def envelope(data, subject="receipts", **changed):
    plain = {
        "id": "m-1",
        "source": "till/2",
        "type": f"vitrina.loyalty.{subject}",
        "time": "2025-11-22T12:30:00Z",
        "schema_version": 1,
        "site": "shop",
        "data": data,
    }
    return json.dumps(plain | changed).encode()


@pytest.fixture
def shop(serve, broker, until):
    client = serve(broker={"host": broker.host, "port": broker.port})
    until(lambda: metric(client, "vitrina_broker_connected") == 1, "the server connects")
    return client


def metric(client, name, **labels):
    return client.service.meters.registry.get_sample_value(name, labels) or 0


def told(client, outcome, subject="receipts"):
    return metric(client, "vitrina_loyalty_entries_total", subject=subject, outcome=outcome)


def count(client):
    with client.service.engine.connect() as conn:
        return {each.category: each.sums.receipts for each in sales.by_day(conn, "shop", DAY, DAY)}


def noted(client, clock, kind, words):
    with client.service.engine.connect() as conn:
        found = events(conn, site="shop", start=clock.t - 900, end=clock.t + 60)
    return [each.text for each in found if each.kind == kind and words in each.text]


def test_receipts_told_over_the_broker_are_taken_once(shop, publish, until):
    topic = loyalty_in_topic("shop", "receipts")
    publish(topic=topic, payload=envelope(receipts("a", "b")))
    publish(topic=topic, payload=envelope(receipts("a", "b")))
    publish(topic=topic, payload=envelope(receipts("b", "c"), id="m-2"))
    until(lambda: told(shop, "taken") + told(shop, "known") == 6, "three messages are taken")
    assert (told(shop, "taken"), told(shop, "known")) == (3, 3)
    assert count(shop) == {"": 3, "tea": 3}
    with shop.service.engine.connect() as conn:
        (listed,) = list_imports(conn, "shop")
    assert (listed.by, listed.name, listed.who, listed.counts.lines) == ("mqtt", "till/2", "mqtt", 6)


REFUSED = [
    (b"{", "malformed", "not JSON"),
    (envelope(receipts("a"), site="elsewhere"), "impostor", "told as one of shop"),
    (envelope(receipts("a"), type="vitrina.loyalty.sales"), "malformed", "carries vitrina.loyalty.receipts"),
    (envelope(receipts("a"), schema_version=2), "malformed", "schema_version"),
    (envelope(receipts("a"), time="2027-01-01T00:00:00Z"), "clock_ahead", "set its clock"),
    (envelope(receipts("a", customer_id="anna")), "malformed", "'customer_id' could name a person"),
    (envelope({"currency": "EUR"}), "not_taken", "receipts: missing"),
    (envelope(receipts("a", t="2027-01-01T00:00:00Z")), "partly_taken", "in the future"),
]


def test_what_is_refused_is_told_as_an_event_and_does_not_stop_the_next(shop, publish, clock, until):
    for payload, kind, words in REFUSED:
        clock.t += TELL_EVERY_S + 1  # the same refusal is told this often
        publish(topic=loyalty_in_topic("shop", "receipts"), payload=payload)
        texts = until(lambda kind=kind, words=words: noted(shop, clock, f"refused_{kind}", words), words)
        assert "anna" not in "".join(texts)
    publish(topic=loyalty_in_topic("shop", "receipts"), payload=envelope(receipts("z"), id="m-9"))
    until(lambda: told(shop, "taken") == 1, "the next message is taken")


def test_a_subject_that_is_not_there_is_refused(shop, publish, clock, until):
    publish(topic=loyalty_in_topic("shop", "wishes"), payload=envelope({}, "wishes"))
    until(lambda: noted(shop, clock, "refused_malformed", "there is no subject 'wishes'"), "the refusal")


def test_what_was_told_while_the_server_was_down_arrives_once(settings, broker, publish, clock, until):
    topic, at_broker = loyalty_in_topic("shop", "receipts"), {"host": broker.host, "port": broker.port}
    for first, second in (("a", "b"), ("b", "c")):
        app = create_app(settings(broker=at_broker), clock=clock)
        with TestClient(app) as client:
            client.service = app.state.service
            until(lambda c=client: metric(c, "vitrina_broker_connected") == 1, "the server connects")
            publish(topic=topic, payload=envelope(receipts(first), id=first))
            until(lambda c=client, n=first: count(c).get("") == 1 + (n == "b"), "what was told is taken")
        publish(topic=topic, payload=envelope(receipts(second), id=second))
    with TestClient(create_app(settings(broker=at_broker), clock=clock)) as client:
        client.service = client.app.state.service
        until(lambda: count(client).get("") == 3, "what was told while it was down is taken")


def test_windows_of_boxes_arrive_beside_a_flood_of_receipts(shop, publish, window, message, until):
    for i in range(20):
        payload = envelope(receipts(*(f"{i}-{k}" for k in range(500))), id=f"flood-{i}")
        publish(topic=loyalty_in_topic("shop", "receipts"), payload=payload)
    publish(message(window()))
    until(lambda: metric(shop, "vitrina_messages_taken_total", channel="window") == 1, "the window is taken", 30)
    until(lambda: told(shop, "taken") == 10_000, "all receipts are taken", 30)
    assert count(shop) == {"": 10_000, "tea": 10_000}
