"""Setting a store up: drafts, versions, two editors, the way back, who may what."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from math import cos, sin, tau

import pytest
import yaml
from starlette.testclient import TestClient

from contract.documents import validate
from contract.messages import Reported
from contract.site import Site
from edge.config import load_site
from server.app import create_app
from server.db.intake import Arrival, store
from server.settings import load, read_sites

BREAD = {"name": "Bread", "polygon_m": [[3, 1], [4, 1], [4, 2]]}
SET_UP = "/api/v1/sites/shop"


@pytest.fixture
def shop(serve, bearer):
    """A client signed in as `a admin`."""
    client = serve()
    client.headers = bearer(client, "admin")
    return client


@pytest.fixture
def in_force(shop):
    """`in_force()`: the version in force, as the API tells it."""
    return lambda: shop.get(f"{SET_UP}/document").json()


def put(client, document, based_on, **more):
    return client.put(f"{SET_UP}/document", json={"document": document, "based_on": based_on} | more)


def with_zone(document, key="bread", zone=BREAD):
    changed = deepcopy(document)
    changed["zones"][key] = zone
    return changed


def test_the_site_file_is_the_first_version(in_force):
    first = in_force()
    assert (first["version"], first["author"], first["based_on"]) == (1, "file", None)
    assert first["document"]["zones"].keys() == {"shelf", "till"}


def test_saving_makes_the_next_version_and_everything_reads_it(shop, in_force):
    saved = put(shop, with_zone(in_force()["document"]), 1, note="bread sells")
    assert saved.status_code == 200, saved.text
    body = saved.json()
    assert (body["version"], body["author"], body["note"], body["based_on"]) == (2, "a admin", "bread sells", 1)
    assert in_force() == body
    site = shop.get(SET_UP).json()
    assert site["version"] == 2
    assert site["document"]["zones"]["bread"]["name"] == "Bread"


def test_the_document_has_its_version_as_etag(shop):
    tag = shop.get(f"{SET_UP}/document").headers["ETag"]
    again = shop.get(f"{SET_UP}/document", headers={"If-None-Match": tag})
    assert (tag, again.status_code, again.content) == ('"1"', 304, b"")


def test_nothing_changed_is_no_new_version(shop, in_force):
    document = in_force()["document"]
    assert put(shop, document | {"version": 99}, 1).json()["version"] == 1
    assert len(shop.get(f"{SET_UP}/versions").json()["versions"]) == 1


def test_the_second_editor_is_told_and_nothing_is_lost(shop, in_force):
    base = in_force()["document"]
    assert put(shop, with_zone(base), 1, note="first").status_code == 200
    theirs = deepcopy(base)
    theirs["lines"]["back"]["name"] = "Back door"
    told = put(shop, theirs, 1)
    assert (told.status_code, told.headers["content-type"]) == (409, "application/problem+json")
    body = told.json()
    assert (body["current"]["version"], body["current"]["author"], body["current"]["note"]) == (2, "a admin", "first")
    assert (body["mine"], body["theirs"], body["both"]) == (["lines.back"], ["zones.bread"], [])
    assert in_force()["version"] == 2, "the first editor's version stands"
    merged = put(shop, body["merged"], 2)
    assert merged.status_code == 200, merged.text
    document = merged.json()["document"]
    assert document["zones"]["bread"] == {"name": "Bread", "polygon_m": [[3, 1], [4, 1], [4, 2]]}
    assert document["lines"]["back"]["name"] == "Back door"


def test_a_part_that_both_changed_is_named_and_not_merged(shop, in_force):
    base = in_force()["document"]
    put(shop, with_zone(base), 1)
    told = put(shop, with_zone(base, zone=BREAD | {"name": "Cakes"}), 1).json()
    assert (told["both"], told["merged"]) == (["zones.bread"], None)


def test_a_merge_that_would_not_hold_is_not_offered(shop, in_force):
    """One takes a camera away, the other draws a zone on its picture."""
    base = in_force()["document"]
    without = deepcopy(base)
    del without["cameras"]["aisle"]
    put(shop, without, 1)
    told = put(shop, with_zone(base, zone={"camera": "aisle", "polygon": [[0, 0], [1, 0], [1, 1]]}), 1).json()
    assert (told["mine"], told["theirs"], told["both"]) == (["zones.bread"], ["cameras.aisle"], [])
    assert told["merged"] is None


def test_versions_tell_who_changed_what(shop, in_force):
    base = in_force()["document"]
    put(shop, with_zone(base), 1, note="bread")
    moved = with_zone(base, zone=BREAD | {"polygon_m": [[3, 1], [4, 1], [4, 2.5]]})
    del moved["zones"]["till"]
    put(shop, moved, 2)
    found = shop.get(f"{SET_UP}/versions").json()
    assert found["in_force"] == 3
    told = [(v["version"], v["author"], [c["text"] for c in v["changes"]]) for v in found["versions"]]
    assert told == [
        (3, "a admin", ["zones.bread moved", "zones.till removed"]),
        (2, "a admin", ["zones.bread added"]),
        (1, "file", []),
    ]
    assert shop.get(f"{SET_UP}/versions", params={"limit": 1}).json()["versions"] == found["versions"][:1]
    assert shop.get(f"{SET_UP}/versions/2").json()["document"]["zones"].keys() == {"shelf", "till", "bread"}
    assert shop.get(f"{SET_UP}/versions/9").status_code == 404


def test_the_way_back_is_a_new_version(shop, in_force):
    put(shop, with_zone(in_force()["document"]), 1)
    back = shop.post(f"{SET_UP}/versions/1/restore", json={"based_on": 2})
    assert back.status_code == 200, back.text
    body = back.json()
    assert (body["version"], body["note"], body["document"]["zones"].keys()) == (
        3,
        "version 1 again",
        {"shelf", "till"},
    )
    assert shop.post(f"{SET_UP}/versions/1/restore", json={"based_on": 2}).status_code == 409
    assert shop.post(f"{SET_UP}/versions/8/restore", json={"based_on": 3}).status_code == 404


def test_what_does_not_hold_is_refused_by_key_and_not_saved(shop, in_force):
    faulty = with_zone(in_force()["document"], "out", {"polygon_m": [[20, 0], [21, 0], [21, 1]]})
    faulty["cameras"]["door"] = {
        "calibration": {"points": [{"image": [0.5, 0.5], "floor_m": [i, 0]} for i in range(4)]}
    }
    refused = put(shop, faulty, 1)
    assert refused.status_code == 422
    errors = {error["key"]: error["message"] for error in refused.json()["errors"]}
    assert errors.keys() == {"zones.out", "cameras.door.calibration"}
    assert "outside the floor" in errors["zones.out"]
    assert "one spot of the image" in errors["cameras.door.calibration"]
    assert in_force()["version"] == 1


@pytest.mark.parametrize(
    ("change", "based_on", "status", "told"),
    [
        ({"site": "other"}, 1, 422, "this is the document of 'shop'"),
        ({"floor": None}, 1, 422, "there is no floor"),
        ({"timezone": "Moon/Base"}, 1, 422, "not a time zone"),
        ({}, 7, 404, "no version 7"),
    ],
)
def test_what_cannot_be_saved_says_why(shop, in_force, change, based_on, status, told):
    refused = put(shop, in_force()["document"] | change, based_on)
    assert (refused.status_code, told in refused.json()["detail"]) == (status, True), refused.text


def test_a_check_tells_errors_figures_and_coverage(shop, in_force):
    draft = in_force()["document"]
    points = [([0.1, 0.9], [1, 2.5]), ([0.9, 0.9], [3, 2.5]), ([0.2, 0.3], [0, 0.2]), ([0.8, 0.3], [4, 0.2])]
    draft["cameras"]["door"]["calibration"] = {"points": [{"image": i, "floor_m": f} for i, f in points]}
    draft["zones"]["two"] = {"polygon_m": [[0, 0], [1, 1]]}
    checked = shop.post(f"{SET_UP}/check", json={"document": draft})
    assert checked.status_code == 200, checked.text
    body = checked.json()
    assert [error["key"] for error in body["errors"]] == ["zones.two"]
    door = body["cameras"]["door"]
    assert door["errors_m"] == pytest.approx([0] * 4, abs=1e-6)
    assert (len(door["homography"]), door["size_px"], door["lens"]) == (3, [1920, 1080], 0)
    coverage = body["coverage"]
    assert (coverage["shape"], sum(coverage["walkable"])) == ([3, 4], 12)
    assert sum(coverage["cameras"]["door"]["seen"]) == 12
    assert sum(coverage["cameras"]["door"]["seen"][1::2]) == pytest.approx(door["seen_share"] * 12)
    assert body["zones"].keys() == {"shelf", "till"}
    assert body["zones"]["till"]["area_m2"] == 0.5
    assert in_force()["version"] == 1, "nothing is saved"


def test_a_check_of_a_large_store_tells_of_every_camera(shop):
    points = [([0.1, 0.9], [-3, 5]), ([0.9, 0.9], [3, 5]), ([0.2, 0.3], [-6, -6]), ([0.8, 0.3], [6, -6])]
    cameras = {
        f"c{n}": {"calibration": {"points": [{"image": i, "floor_m": [x + 8 + 6 * n, y + 15]} for i, (x, y) in points]}}
        for n in range(5)
    }
    shelves = [{"polygon_m": [[2 + 4 * n, 5], [3 + 4 * n, 5], [3 + 4 * n, 20], [2 + 4 * n, 20]]} for n in range(9)]
    floor = {"bounds_m": [[0, 0], [40, 30]], "cell_m": 0.5, "fixtures": shelves}
    draft = {"document": {"site": "shop", "floor": floor, "cameras": cameras}}
    assert len(shop.post(f"{SET_UP}/check", json=draft).json()["cameras"]) == 5


def test_the_file_comes_back_as_the_same_document(shop, in_force, tmp_path, settings):
    document = with_zone(in_force()["document"]) | {"name": "Магазин № 1: 'a' # b"}
    put(shop, document, 1)
    answer = shop.get(f"{SET_UP}/site.yaml")
    assert answer.headers["content-disposition"] == 'attachment; filename="shop.site.yaml"'
    assert answer.text.startswith("# Магазин № 1: 'a' # b, version 2, saved by a admin")
    made = settings()
    made.sites[0].file.write_text(answer.text, encoding="utf-8")
    saved = validate(Site, in_force()["document"], name="saved")
    assert read_sites(made)[0][0] == saved, "the server reads it"
    assert load_site(made.sites[0].file) == saved, "a box reads it"
    assert saved.version == 2


@pytest.mark.parametrize(
    ("file", "version", "author", "name"),
    [
        ({"version": 1, "name": "By hand"}, 2, "a admin", "Saved"),
        ({"version": 2, "name": "By hand"}, 2, "a admin", "Saved"),
        ({"version": 3, "name": "By hand"}, 3, "file", "By hand"),
        ({"version": 7, "name": "By hand"}, 7, "file", "By hand"),
    ],
)
def test_at_a_restart_the_higher_version_is_in_force(shop, in_force, tmp_path, clock, file, version, author, name):
    put(shop, in_force()["document"] | {"name": "Saved"}, 1)
    document = yaml.safe_load((tmp_path / "site.yaml").read_text()) | file
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(document))
    with TestClient(create_app(load(tmp_path / "server.yaml"), clock=clock)) as again:
        again.headers = dict(shop.headers)
        found = again.get(f"{SET_UP}/document").json()
        assert (found["version"], found["author"], found["document"]["name"]) == (version, author, name)
        assert again.get(SET_UP).json()["name"] == name
        assert put(again, found["document"] | {"name": "Next"}, version).json()["version"] == version + 1


def test_roles(serve, bearer):
    client = serve()
    body = {"document": {"site": "shop"}, "based_on": 1}
    closed = [
        ("PUT", "document", body),
        ("POST", "check", {"document": {}}),
        ("POST", "versions/1/restore", {"based_on": 1}),
        ("PUT", "plan", None),
        ("GET", "stills", None),
        ("GET", "cameras/door/still", None),
        ("PUT", "cameras/door/still", None),
        ("DELETE", "cameras/door/still", None),
        ("POST", "cameras/door/still/take", None),
    ]
    for role in ("viewer", "merchandiser"):
        headers = bearer(client, role)
        for method, path, content in closed:
            answer = client.request(method, f"{SET_UP}/{path}", json=content, headers=headers)
            assert answer.status_code == 403, (role, method, path, answer.text)
        for path in ("document", "versions", "versions/1", "site.yaml"):
            assert client.get(f"{SET_UP}/{path}", headers=headers).status_code == 200, (role, path)
    for path in ("document", "versions", "site.yaml", "plan.png", "cameras/door/still"):
        assert client.get(f"{SET_UP}/{path}").status_code == 401, path


def test_what_boxes_answer_stands_beside_the_versions(shop, in_force, message, noon):
    put(shop, with_zone(in_force()["document"]), 1)
    answers = {
        "good": Reported(site_version=2),
        "other": Reported(site_version=1),
        "same-number": Reported(site_version=2, refused_version=2, reason="version 2 is in force"),
        "newer": Reported(site_version=9, refused_version=2, reason="version 9 is in force"),
    }
    with shop.service.engine.begin() as conn:
        store(conn, [Arrival(message(said, box=box), noon) for box, said in answers.items()])
    found = shop.get(f"{SET_UP}/versions").json()
    assert found["boxes"] == [
        {"box": "good", "state": "confirmed", "site_version": 2, "reason": None},
        {"box": "newer", "state": "refused", "site_version": 9, "reason": "version 9 is in force"},
        {"box": "other", "state": "asked", "site_version": 1, "reason": None},
        {"box": "same-number", "state": "refused", "site_version": 2, "reason": "version 2 is in force"},
    ]
    assert [(v["version"], v["boxes"]) for v in found["versions"]] == [(2, ["good", "same-number"]), (1, ["other"])]


def test_a_document_may_be_larger_than_other_bodies_and_has_an_end(shop, in_force):
    large = in_force()["document"] | {"name": "x" * 100_000}
    assert put(shop, large, 1).status_code == 200
    endless = shop.put(
        f"{SET_UP}/document", content=b" " * (5 * 1024 * 1024), headers={"content-type": "application/json"}
    )
    assert endless.status_code == 413


def test_of_two_who_save_in_one_moment_one_is_told(shop, in_force):
    """Eight editors at once: each version was made from the one before it, and nobody's is lost unseen."""
    base = in_force()["document"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: put(shop, with_zone(base, f"z{n}"), 1), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert all(answer.json()["current"]["version"] == 2 for answer in answers if answer.status_code == 409)
    assert in_force()["version"] == 2


ring = [[cos(n), sin(n)] for n in (tau * k / 5000 for k in range(5000))]

HOSTILE = {
    "not json": b"{",
    "a list": b"[]",
    "deep": b'{"document": ' + b"[" * 100_000 + b"]" * 100_000 + b', "based_on": 1}',
    "deep enough to be read": b'{"document": {"site": "shop", "zones": ' + b'{"a": ' * 900 + b"1" + b"}" * 900 + b'}, "based_on": 1}',
    "half a sign": b'{"document": {"site": "shop", "name": "\\ud800"}, "based_on": 1}',
    "nothing as a sign": b'{"document": {"site": "shop", "name": "\\u0000"}, "based_on": 1}',
    "null": b'{"document": null, "based_on": 1}',
    "names of other kinds": b'{"document": {"site": ["shop"], "cameras": 7, "zones": {"a": 1}, "lines": null}, "based_on": 1}',
    "infinite": b'{"document": {"site": "shop", "gap_s": Infinity}, "based_on": 1}',
    "huge number": b'{"document": {"site": "shop", "version": 1' + b"0" * 5000 + b'}, "based_on": 1}',
    "5,000 corners": json.dumps({"document": {"site": "shop", "floor": {"bounds_m": [[-2, -2], [2, 2]], "outline_m": ring}}, "based_on": 1}).encode(),
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(("method", "path"), [("PUT", "document"), ("POST", "check")])
def test_a_hostile_body_is_refused_in_words(shop, in_force, body, method, path):
    if path == "check":
        body = body.replace(b', "based_on": 1', b"")
    begun = time.perf_counter()
    answer = shop.request(method, f"{SET_UP}/{path}", content=body, headers={"content-type": "application/json"})
    assert time.perf_counter() - begun < 5
    assert answer.status_code in {400, 422} or (path == "check" and answer.json()["errors"])
    assert answer.status_code != 200 or answer.json()["errors"]
    assert in_force()["version"] == 1
