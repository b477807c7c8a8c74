"""Webhooks against real targets: signed, in order, once each, whatever one of them does."""

import asyncio
import hashlib
import hmac
import json

import httpx2
import pytest

from server.db import deliveries
from server.settings import Webhook
from server.webhook_address import inside
from server.webhooks import FIRST_RETRY_S, REFUSED_S, deliver, retry_s

NOW = 1_763_812_800.0


def send(hook, body=b"{}", transport=None, **more):
    async def once():
        async with httpx2.AsyncClient(timeout=2.0, follow_redirects=False, transport=transport) as client:
            return await deliver(client, hook, deliveries.Delivery(7, hook.url, body, 0), now=NOW, **more)

    return asyncio.run(once()).trouble


def leads_to(*answers):
    """A name server that gives each answer once, and counts how often it is asked."""

    async def resolve(host, port):
        resolve.asked.append(host)
        return answers[min(len(resolve.asked), len(answers)) - 1]

    resolve.asked = []
    return resolve


def test_a_webhook_is_signed_with_and_without_its_time(target):
    assert send(Webhook(url=target.url, secret="s3cret", allow_private=True), b'{"a":1}') is None
    headers, body = target.got[0]
    assert body == b'{"a":1}'
    assert headers["X-Vitrina-Signature"] == "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
    timed = hmac.new(b"s3cret", headers["X-Vitrina-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Vitrina-Signature-Timed"] == f"sha256={timed}"
    assert headers["X-Vitrina-Timestamp"] == str(int(NOW))
    assert headers["X-Vitrina-Delivery"] == "7"


@pytest.mark.parametrize(
    ("status", "trouble", "reason"),
    [
        (500, "answered 500", "a fault"),
        (401, "answered 401", "not let in is not delivered"),
        (302, "answered 302", "redirects may lead anywhere"),
    ],
)
def test_what_does_not_answer_well_has_not_taken_it(target, status, trouble, reason):
    target.status = status
    assert send(Webhook(url=target.url, allow_private=True)) == trouble, reason
    assert len(target.got) == 1


def test_addresses_inside_the_network_are_refused_unless_allowed(target):
    assert "inside the network" in send(Webhook(url=target.url))
    assert not target.got


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("10.0.0.1", True),
        ("127.0.0.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("224.0.0.1", True),
        ("0.0.0.0", True),  # noqa: S104 - as an answer of a name server
        ("::1", True),
        ("fe80::1", True),
        ("fd00::1", True),
        ("::ffff:10.0.0.1", True),
        ("64:ff9b::a00:1", True),
        ("2002:a00:1::", True),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("::ffff:8.8.8.8", False),
    ],
)
def test_which_addresses_are_inside(address, found):
    assert inside(address) is found


def test_one_private_address_among_public_ones_is_refused():
    assert "inside the network" in send(
        Webhook(url="http://shop.example/hook"), resolve=leads_to(["8.8.8.8", "192.168.0.4"])
    )


def test_a_name_that_is_turned_round_after_the_check_is_not_looked_up_again():
    """DNS rebinding: what was checked is what is called, in the name's name."""
    called = []

    def answer(request):
        called.append((request.url.host, request.headers["Host"], request.extensions["sni_hostname"]))
        return httpx2.Response(204)

    resolve = leads_to(["93.184.215.14"], ["127.0.0.1"])
    hook = Webhook(url="https://shop.example/hook")
    assert send(hook, transport=httpx2.MockTransport(answer), resolve=resolve) is None
    assert called == [("93.184.215.14", "shop.example", "shop.example")]
    assert resolve.asked == ["shop.example"]


def test_the_connection_is_made_to_the_address_that_was_found(target):
    """A name that no name server of this world knows, led to a real target."""
    port = target.url.split(":")[2].split("/")[0]
    hook = Webhook(url=f"http://no.such.host.invalid:{port}/hook", allow_private=True)
    assert send(hook, resolve=leads_to(["127.0.0.1"])) is None
    assert target.got[0][0]["Host"] == f"no.such.host.invalid:{port}"


def test_retries_take_longer_and_longer_up_to_an_hour():
    waits = [retry_s(tries) for tries in range(1, 30)]
    assert waits[:3] == [10, 20, 40]
    assert waits == sorted(waits)
    assert waits[-1] == 3600


def leave(engine, clock, url, *bodies):
    with engine.begin() as conn:
        for body in bodies:
            deliveries.post(conn, url=url, body=body, at=clock.t)


def test_what_is_due_is_kept_until_it_is_taken(engine, clock):
    leave(engine, clock, "http://a", b"1", b"2")
    first = deliveries.oldest(engine, "http://a")
    deliveries.done(engine, first.id)
    second = deliveries.oldest(engine, "http://a")
    assert (first.body, second.body) == (b"1", b"2")
    deliveries.failed(engine, second.id, again=clock.t + 10, trouble="answered 500")
    again = deliveries.oldest(engine, "http://a")
    assert (again.id, again.tries, again.due) == (second.id, 1, clock.t + 10)
    deliveries.failed(engine, second.id, again=None, trouble="answered 422")
    assert deliveries.oldest(engine, "http://a") is None


def test_a_target_that_takes_nothing_pushes_out_its_own_only(engine, clock, monkeypatch):
    monkeypatch.setattr(deliveries, "MOST", 3)
    leave(engine, clock, "http://a", b"1")
    leave(engine, clock, "http://b", b"1", b"2", b"3", b"4")
    assert deliveries.oldest(engine, "http://a").body == b"1"
    assert deliveries.oldest(engine, "http://b").body == b"2"


def told(target):
    return [json.loads(body)["n"] for _, body in target.got]


def test_a_target_that_hangs_holds_up_nobody_else(serve, make_target, clock, until):
    slow, quick = make_target(), make_target()
    slow.hangs.clear()
    client = serve(webhooks=[{"url": each.url, "allow_private": True} for each in (slow, quick)])
    for each in (slow, quick):
        leave(client.service.engine, clock, each.url, *(json.dumps({"n": n}).encode() for n in range(40)))
    until(lambda: slow.got and told(quick) == list(range(40)), "the quick one has everything", 20)
    assert told(slow) == [0]


def test_a_target_that_fails_for_a_day_gets_everything_once_and_in_order(serve, target, clock, until, bearer):
    client = serve(webhooks=[{"url": target.url, "allow_private": True, "tells": ["loyalty"]}])
    target.status = 500
    leave(client.service.engine, clock, target.url, *(json.dumps({"n": n}).encode() for n in range(5)))
    for tries, later in ((1, FIRST_RETRY_S), (2, 86_400)):
        until(lambda n=tries: deliveries.oldest(client.service.engine, target.url).tries == n, "it is tried again", 10)
        clock.t += later
    until(lambda: len(target.got) == 3, "it is tried again a day later", 10)
    (stands,) = client.get("/api/v1/webhooks", headers=bearer(client)).json()
    assert (stands["waiting"], stands["trouble"]) == (5, "answered 500")
    assert stands["host"] in target.url
    assert "hook" not in stands["host"]
    assert set(told(target)) == {0}
    failed, target.status = len(target.got), 200
    clock.t += 3600
    until(lambda: told(target)[failed:] == [0, 1, 2, 3, 4], "all of it comes", 10)
    until(lambda: client.get("/api/v1/webhooks", headers=bearer(client)).json()[0]["waiting"] == 0, "nothing waits")


def test_a_body_that_is_refused_for_a_day_lets_the_others_pass(serve, target, clock, until):
    client = serve(webhooks=[{"url": target.url, "allow_private": True}])
    target.status = 422
    leave(client.service.engine, clock, target.url, b'{"n": 0}', b'{"n": 1}')
    until(lambda: told(target) == [0], "the first is refused", 10)
    clock.t += REFUSED_S + FIRST_RETRY_S
    until(lambda: told(target)[:3] == [0, 0, 1], "after a day the next one comes", 10)
