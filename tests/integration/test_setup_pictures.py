"""Plans and stills: what is kept of them, who sees them, and that they go."""

import base64
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from contract.messages import Birth, State, Still
from server.db.intake import Arrival, store
from server.db.prune import DAY_S, STILL_DAYS, prune

SET_UP = "/api/v1/sites/shop"
STILL = f"{SET_UP}/cameras/door/still"
MARK = {"image": [0.25, 0.5], "mark": "0f" * 32}


@pytest.fixture
def shop(serve, bearer):
    """A client signed in as `a admin`."""
    client = serve()
    client.headers = bearer(client, "admin")
    return client


def picture(size=(320, 240), form="JPEG", text=""):
    """Grain that no other picture has, and words in its metadata."""
    grain = np.random.default_rng(size).integers(0, 255, (size[1] // 8, size[0] // 8), np.uint8)
    image = Image.fromarray(grain).convert("RGB").resize(size)
    out = io.BytesIO()
    image.save(out, form, **({"comment": text.encode()} if form == "JPEG" else {}))
    return out.getvalue()


def still(jpeg=None, **changed):
    plain = {
        "camera": "door",
        "t": "2025-11-22T12:29:00Z",
        "jpeg": base64.b64encode(jpeg or picture()),
        "landmarks": [MARK],
    }
    return Still.model_validate(plain | changed)


def test_a_plan_is_kept_by_its_hash_and_shown_to_who_is_signed_in(shop, bearer):
    made = shop.put(f"{SET_UP}/plan", content=picture(form="PNG"), headers={"content-type": "text/html"})
    assert made.status_code == 200, made.text
    plan = made.json()
    assert (plan["width"], plan["height"], plan["notes"]) == (320, 240, [])
    address = f"{SET_UP}/plan.png?sha256={plan['sha256']}"
    shown = shop.get(address, headers=bearer(shop))
    assert hashlib.sha256(shown.content).hexdigest() == plan["sha256"]
    assert (shown.headers["content-type"], shown.headers["cache-control"]) == (
        "image/png",
        "private, max-age=31536000, immutable",
    )
    assert Image.open(io.BytesIO(shown.content)).size == (320, 240)
    assert shop.put(f"{SET_UP}/plan", content=picture(form="PNG")).json() == plan, "twice is once"
    assert shop.get(f"{SET_UP}/plan.png?sha256={'0' * 64}").status_code == 404
    assert shop.get(f"{SET_UP}/plan.png?sha256=../x").status_code == 422


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"MZ not a picture", "neither PNG, JPEG, PDF nor SVG"),
        (picture(form="PNG")[:200], "broken"),
        (b"", "at least 1"),
    ],
)
def test_what_is_no_plan_is_refused(shop, content, told):
    refused = shop.put(f"{SET_UP}/plan", content=content)
    assert refused.status_code == 422
    assert told in refused.json()["detail"] or not content


def test_a_plan_has_a_largest_size(shop):
    assert shop.put(f"{SET_UP}/plan", content=b"x" * (21 * 1024 * 1024)).status_code == 413


def test_uploads_that_no_version_names_do_not_pile_up(shop):
    document = shop.get(f"{SET_UP}/document").json()["document"]
    hashes = [shop.put(f"{SET_UP}/plan", content=picture((100 + n, 80), "PNG")).json()["sha256"] for n in range(3)]
    document["floor"]["plan"] = {"sha256": hashes[0], "origin_m": [0, 0], "metres_per_px": 0.05}
    assert shop.put(f"{SET_UP}/document", json={"document": document, "based_on": 1}).status_code == 200
    for n in range(11):
        shop.service.clock.t += 1
        shop.put(f"{SET_UP}/plan", content=picture((200 + n, 80), "PNG"))
    found = [shop.get(f"{SET_UP}/plan.png?sha256={sha256}").status_code for sha256 in hashes]
    assert found == [200, 404, 404]


def test_a_still_is_uploaded_shown_and_deleted_for_good(shop, tmp_path):
    taken = picture(text="Mrs Smith is at the till")
    made = shop.put(STILL, content=taken)
    assert made.status_code == 200, made.text
    assert (made.json()["camera"], made.json()["width"], made.json()["landmarks"]) == ("door", 320, 0)
    shown = shop.get(STILL)
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"] == "private, no-store"
    assert shown.headers["last-modified"] == "Sat, 22 Nov 2025 12:30:00 GMT"
    assert b"Smith" not in shown.content
    assert [one["camera"] for one in shop.get(f"{SET_UP}/stills").json()] == ["door"]
    scan = shown.content[-120:]  # of the picture's own data
    assert in_files(tmp_path, scan)
    assert shop.delete(STILL).status_code == 204
    assert shop.get(STILL).status_code == 404
    assert shop.delete(STILL).status_code == 404
    assert not in_files(tmp_path, scan), "nothing of it stays on the disk"
    (event,) = [e for e in events(shop) if e["kind"] == "still_deleted"]
    assert (event["camera"], event["text"]) == ("door", "a admin deleted the still of camera door")


def in_files(folder, content):
    return any(content in path.read_bytes() for path in Path(folder).iterdir() if path.is_file())


def events(client):
    around = {"start": "2025-11-22T00:00:00Z", "end": "2025-11-23T00:00:00Z"}
    return client.get(f"{SET_UP}/events", params=around).json()["events"]


def test_a_still_replaced_is_gone_too(shop, tmp_path):
    shop.put(STILL, content=picture())
    first = shop.get(STILL).content[-120:]
    shop.put(STILL, content=picture((640, 480)))
    shop.get(STILL)
    assert Image.open(io.BytesIO(shop.get(STILL).content)).size == (640, 480)
    assert not in_files(tmp_path, first)


@pytest.mark.parametrize(("camera", "content", "status"), [("roof", picture(), 404), ("door", b"GIF89a", 422)])
def test_a_still_that_is_none(shop, camera, content, status):
    assert shop.put(f"{SET_UP}/cameras/{camera}/still", content=content).status_code == status


def test_stills_are_forgotten_after_a_month(shop, clock, settings):
    shop.put(STILL, content=picture())
    kept = shop.service.settings.retention
    prune(shop.service.engine, kept, now=clock.t + (STILL_DAYS - 0.1) * DAY_S)
    assert shop.get(STILL).status_code == 200
    prune(shop.service.engine, kept, now=clock.t + (STILL_DAYS + 0.1) * DAY_S)
    assert shop.get(STILL).status_code == 404


def test_a_camera_calibrated_on_its_still_takes_its_landmarks(shop, message, noon):
    with shop.service.engine.begin() as conn:
        store(conn, [Arrival(message(still()), noon)])
    document = shop.get(f"{SET_UP}/document").json()["document"]
    document["name"] = "another name"
    first = shop.put(f"{SET_UP}/document", json={"document": document, "based_on": 1}).json()
    assert "landmarks" not in first["document"]["cameras"]["door"], "its calibration did not change"
    corners = [([0.1, 0.9], [1, 2.5]), ([0.9, 0.9], [3, 2.5]), ([0.2, 0.3], [0, 0.2]), ([0.8, 0.3], [4, 0.2])]
    document["cameras"]["door"]["calibration"] = {"points": [{"image": i, "floor_m": f} for i, f in corners]}
    second = shop.put(f"{SET_UP}/document", json={"document": document, "based_on": 2}).json()
    assert second["document"]["cameras"]["door"]["landmarks"] == [MARK]
    renewed = MARK | {"mark": "f0" * 32}
    with shop.service.engine.begin() as conn:
        store(conn, [Arrival(message(still(landmarks=[renewed])), noon)])
    asked = {"document": second["document"], "based_on": 3, "landmarks_from_still": ["door"]}
    third = shop.put(f"{SET_UP}/document", json=asked).json()
    assert third["document"]["cameras"]["door"]["landmarks"] == [renewed]


# Over a real broker.


@pytest.fixture
def linked(serve, bearer, broker, publish, message, until, clock):
    """An admin at a server on the broker, to which box b1 has said that it has camera `door`."""
    client = serve(broker={"port": broker.port})
    client.headers = bearer(client, "admin")
    birth = Birth(
        version="1", started_at="2025-11-22T12:00:00Z", cameras=["door"], model="m", profile="counting", site_version=1
    )
    publish(message(State(status="online"), time=clock.t), channel="up/state", retain=True)
    publish(message(birth, time=clock.t), channel="up/birth", retain=True)
    until(lambda: any(box["birth"] for box in client.get(f"{SET_UP}/boxes").json()["boxes"]), "the box is known")
    return client


def test_a_still_is_taken_on_command_and_told_in_the_news(linked, broker, listen, publish, message, until, clock):
    listener = listen(broker)
    with linked.service.bus.listen("shop") as news:
        asked = linked.post(f"{STILL}/take")
        assert asked.status_code == 202, asked.text
        assert asked.json() == {"box": "b1", "expires_at": "2025-11-22T13:30:30+01:00"}
        (command,) = until(lambda: listener.on("down/cmd"), "the command")
        assert (command.data.command, command.data.camera, command.box) == ("take_still", "door", "b1")
        assert command.data.expires_at.timestamp() == clock.t + 30
        assert not [retain for topic, _, retain in listener.messages if topic.endswith("down/cmd") and retain]
        publish(message(still(picture(text="Mrs Smith"))), channel="up/still")
        until(lambda: not news.empty(), "the news")
        told = news.get_nowait()
    assert (told.kind, told.box, told.camera) == ("still", "b1", "door")
    assert b"Smith" not in linked.get(STILL).content, "encoded anew"
    assert linked.get(f"{SET_UP}/stills").json()[0]["landmarks"] == 1
    assert "a admin asked for a still of camera door" in [event["text"] for event in events(linked)]
    publish(message(still(picture((640, 480)))), channel="up/still")
    until(lambda: refusals(linked), "the refusal of a second one")
    assert Image.open(io.BytesIO(linked.get(STILL).content)).size == (320, 240)


def refusals(client):
    return [event["text"] for event in events(client) if event["kind"].startswith("refused_")]


@pytest.mark.parametrize(
    ("ask", "late_s", "sent", "told"),
    [
        (False, 0, still(), "nobody asked"),
        (True, 700, still(), "nobody asked"),
        (True, 0, still(camera="aisle"), "nobody asked"),
        (True, 0, still(b"\xff\xd8\xff no picture"), "cannot be taken"),
        (True, 0, still(jpeg=b"AAA"), "cannot be taken"),
    ],
    ids=["unasked", "late", "of another camera", "no jpeg", "no base64"],
)
def test_a_still_that_is_not_taken(linked, publish, message, until, clock, ask, late_s, sent, told):
    if ask:
        assert linked.post(f"{STILL}/take").status_code == 202
    clock.t += late_s
    publish(message(sent), channel="up/still")
    assert told in until(lambda: refusals(linked), "the refusal")[0]
    assert linked.get(f"{SET_UP}/stills").json() == []


def test_nobody_to_take_a_still(linked, publish, message, until, clock):
    assert linked.post(f"{SET_UP}/cameras/aisle/still/take").status_code == 409, "no box has it"
    assert linked.post(f"{SET_UP}/cameras/roof/still/take").status_code == 404
    publish(message(State(status="offline"), time=clock.t), channel="up/state", retain=True)
    until(lambda: linked.post(f"{STILL}/take").status_code == 409, "the box is away")


def test_a_still_without_a_broker_is_told(linked, broker, until):
    broker.stop()
    until(lambda: linked.post(f"{STILL}/take").status_code == 503, "the broker is away")


def test_a_box_that_comes_is_told_the_document_in_force(linked, broker, listen, publish, message, until, clock):
    listener = listen(broker)
    desired = until(lambda: listener.on("down/desired"), "the document")
    assert [(one.box, one.data.site_version) for one in desired] == [("b1", 1)]
    late = listen(broker)
    until(lambda: [topic for topic, _, retain in late.messages if retain and topic.endswith("b1/down/desired")], "kept")
    birth = Birth(
        version="1", started_at="2025-11-22T12:00:00Z", cameras=[], model="m", profile="counting", site_version=1
    )
    publish(message(birth, box="b2", time=clock.t), channel="up/birth", retain=True)
    until(lambda: {one.box for one in listener.on("down/desired")} == {"b1", "b2"}, "the new box is told")
    publish(message(birth, box="b2", time=clock.t), channel="up/birth", retain=True)
    document = linked.get(f"{SET_UP}/document").json()["document"] | {"name": "New"}
    linked.put(f"{SET_UP}/document", json={"document": document, "based_on": 1})
    told = until(
        lambda: [one for one in listener.on("down/desired") if one.data.site_version == 2][1:], "both are told"
    )
    assert told[0].data.site["name"] == "New"
    assert len(listener.on("down/desired")) == 4, "each version once to each box, however often it is born"


def test_a_broker_that_forgets_is_told_again(linked, broker, listen, until):
    document = linked.get(f"{SET_UP}/document").json()["document"] | {"name": "New"}
    broker.stop()
    assert linked.put(f"{SET_UP}/document", json={"document": document, "based_on": 1}).status_code == 200
    broker.start()  # in memory: what was retained is gone
    listener = listen(broker)
    told = until(lambda: listener.on("down/desired"), "the document", timeout_s=20)
    assert [(one.box, one.data.site_version, one.data.site["name"]) for one in told] == [("b1", 2, "New")]
