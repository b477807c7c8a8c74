"""From the browser into force: the real server, a real broker and a real box, which starts again with the document."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

CLIP = Path(__file__).parents[2] / "config/demo/vtest.mp4"
SET_UP = "/api/v1/sites/shop"


@pytest.fixture
def clock():
    """The real one: the box has no other."""
    return time.time


@pytest.fixture
def shop(serve, bearer, broker):
    """A client signed in as `a admin` at a server on the broker."""
    client = serve(broker={"port": broker.port})
    client.headers = bearer(client, "admin")
    return client


@pytest.fixture
def box(tmp_path, broker, shop):
    """A box that watches camera `door`, with the server's own site.yaml beside it."""
    folder = tmp_path / "box"
    folder.mkdir()
    (folder / "site.yaml").write_text((tmp_path / "site.yaml").read_text())
    config = {
        "box": "b1",
        "site": "site.yaml",
        "broker": {"host": broker.host, "port": broker.port},
        "input_side": 256,
        "window_s": 1,
        "cameras": {"door": {"source": str(CLIP), "loop": True, "fps": 2}},
    }
    (folder / "edge.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-c", "from vitrina.cli import main; main()", "edge", "run", "--config"]
    with (folder / "box.log").open("wb") as log:
        process = subprocess.Popen([*command, str(folder / "edge.yaml")], stderr=log)
    yield folder
    process.send_signal(signal.SIGTERM)
    process.wait(20)


def answer(shop):
    """What the box answers to the version in force; None before it answered at all."""
    found = shop.get(f"{SET_UP}/versions").json()
    return (found["in_force"], *[(a["state"], a["site_version"]) for a in found["boxes"]])


def save(shop, based_on, change):
    document = shop.get(f"{SET_UP}/document").json()["document"]
    change(document)
    saved = shop.put(f"{SET_UP}/document", json={"document": document, "based_on": based_on})
    assert saved.status_code == 200, saved.text


@pytest.mark.timeout(240)
def test_a_document_is_confirmed_or_refused_and_the_way_back_works(shop, box, until):
    until(lambda: answer(shop) == (1, ("confirmed", 1)), "the box with the file's version", timeout_s=60)

    save(shop, 1, lambda document: document["zones"].update(bread={"polygon_m": [[3, 1], [4, 1], [4, 2]]}))
    assert answer(shop) == (2, ("asked", 1))
    until(lambda: answer(shop) == (2, ("confirmed", 2)), "the box with the saved version", timeout_s=60)
    until(lambda: shop.get(f"{SET_UP}/boxes").json()["boxes"][0]["birth"]["site_version"] == 2, "its birth")

    save(shop, 2, lambda document: document["cameras"].pop("door"))
    until(lambda: answer(shop) == (3, ("refused", 2)), "the refusal", timeout_s=60)
    (told,) = shop.get(f"{SET_UP}/versions").json()["boxes"]
    assert "no camera door" in told["reason"]

    back = shop.post(f"{SET_UP}/versions/2/restore", json={"based_on": 3})
    assert (back.status_code, back.json()["version"]) == (200, 4)
    until(lambda: answer(shop) == (4, ("confirmed", 4)), "the box with what was before", timeout_s=60)
    by_number = {one["version"]: one["boxes"] for one in shop.get(f"{SET_UP}/versions").json()["versions"]}
    assert by_number == {4: ["b1"], 3: [], 2: [], 1: []}

    by_hand = yaml.safe_load((box / "site.yaml").read_text()) | {"version": 9}
    (box / "site.yaml").write_text(yaml.safe_dump(by_hand))  # somebody edits it on the box
    save(shop, 4, lambda document: document.update(name="Saved"))
    until(lambda: answer(shop) == (5, ("refused", 9)), "the box with a version of its own", timeout_s=60)
    (told,) = shop.get(f"{SET_UP}/versions").json()["boxes"]
    assert "version 9 is in force; send a higher one than 5" in told["reason"]
