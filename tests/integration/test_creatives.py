"""What may be uploaded to be shown, the honest and the hostile, through the real server, store and worker."""

import hashlib
import io
import json
import os
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

CREATIVES = "/api/v1/sites/shop/creatives"


@pytest.fixture
def shop(serve, bearer):
    client = serve(media={"folder": "media", "largest_mb": 2})
    client.headers = bearer(client, "merchandiser")
    return client


@pytest.fixture
def folder(shop):
    return Path(shop.service.settings.media.folder)


@pytest.fixture
def upload(shop):
    """`upload(content, filename=, said=, name=, ...)`: the answer."""

    def send(content, *, said="application/octet-stream", **query):
        return shop.post(CREATIVES, params={"name": "Skyr"} | query, content=content, headers={"content-type": said})

    return send


def picture(size=(320, 180), form="PNG", **more):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **more)
    return out.getvalue()


def package(files=None, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({"index.html": "<h1>Skyr</h1>"} if files is None else files).items():
            archive.writestr(name, content)
    return out.getvalue()


def film(path, codec="libx264", audio=None, *, frames=30, size=(320, 180)):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        sound = container.add_stream(audio, rate=48_000) if audio else None
        for n in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), n * 8 % 250, np.uint8), format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
            silence.sample_rate, silence.pts = 48_000, 0
            container.mux(sound.encode(silence))
            container.mux(sound.encode(None))
    return path.read_bytes()


def test_a_picture_is_kept_as_it_is_and_shown(shop, upload):
    for n, form in enumerate(("PNG", "JPEG", "WEBP", "GIF")):
        shown_as_it_is(shop, upload, form, "skyr" if n == 0 else f"skyr-{n + 1}")


def shown_as_it_is(shop, upload, form, creative):
    content, media_type = picture((180, 320), form), f"image/{form.lower()}"
    made = upload(content, said=media_type, filename=f"skyr.{form.lower()}")
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["id"], body["kind"], body["type"], body["fits"]) == (creative, "image", media_type, "portrait")
    assert (body["width"], body["height"], body["seconds"]) == (180, 320, 10.0)
    served = shop.get(f"/media/{body['sha256']}")
    assert served.content == content
    assert served.headers["content-type"] == media_type
    assert served.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in served.headers["content-security-policy"]
    small = Image.open(io.BytesIO(shop.get(f"{CREATIVES}/{creative}/preview.jpg").content))
    assert (small.format, small.size) == ("JPEG", (180, 320))


@pytest.mark.parametrize(("ending", "codec", "audio"), [("mp4", "libx264", "aac"), ("webm", "libvpx-vp9", None)])
def test_a_video_is_measured_and_served_in_ranges(shop, upload, tmp_path, ending, codec, audio):
    content = film(tmp_path / f"a.{ending}", codec, audio)
    body = upload(content, said=f"video/{ending}", filename=f"skyr.{ending}").json()
    assert (body["kind"], body["type"], body["width"], body["height"]) == ("video", f"video/{ending}", 320, 180)
    assert body["seconds"] == pytest.approx(3.0, abs=0.15)
    assert body["preview"]
    part = shop.get(f"/media/{body['sha256']}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])


def test_two_uploads_of_one_file_are_two_creatives_and_one_file(shop, upload, folder):
    first, second = upload(picture()).json(), upload(picture()).json()
    assert [first["id"], second["id"]] == ["skyr", "skyr-2"]
    assert first["sha256"] == second["sha256"]
    assert shop.get(CREATIVES).json()["used_bytes"] == len(picture())
    assert shop.delete(f"{CREATIVES}/skyr").status_code == 204
    assert (folder / first["sha256"]).is_file(), "the other creative shows it still"
    assert shop.delete(f"{CREATIVES}/skyr-2").status_code == 204
    assert not (folder / first["sha256"]).exists()
    assert shop.get(f"/media/{first['sha256']}").status_code == 404


@pytest.fixture
def pour(shop):
    """`pour(headers)`: the status and the problem of an upload without an end, and how many bytes of it were asked for."""

    def send_all(**headers):
        asked, answer = 0, []

        async def receive():
            nonlocal asked
            asked += 65_536
            return {"type": "http.request", "body": b"\xff" * 65_536, "more_body": True}

        async def send(message):
            answer.append(message)

        given = {"host": "shop.example", "authorization": shop.headers["authorization"]} | headers
        scope = {
            "type": "http", "method": "POST", "path": CREATIVES, "query_string": b"name=Long", "http_version": "1.1",
            "headers": [(key.replace("_", "-").encode(), value.encode()) for key, value in given.items()],
        }  # fmt: skip
        shop.portal.call(shop.app, scope, receive, send)
        return answer[0]["status"], json.loads(answer[1]["body"])["detail"], asked

    return send_all


def test_what_says_that_it_has_two_gigabytes_is_refused_before_it_comes(pour, folder):
    status, told, asked = pour(content_length=str(2_000_000_000))
    assert status == 413
    assert "has 2,000 MB; at most 2 MB are taken" in told
    assert asked == 0
    assert not folder.exists()


def test_what_grows_beyond_the_limit_is_refused_as_it_comes_and_leaves_nothing(pour, folder):
    status, told, asked = pour()
    assert status == 413
    assert "has more than 2 MB" in told
    assert asked < 2_200_000
    assert list((folder / "incoming").iterdir()) == []


REFUSED = [
    (b"", "empty"),
    (b"MZ\x90\x00" + b"x" * 500, "a Windows program"),
    (b"\x7fELF" + b"x" * 500, "a program"),
    (b"%PDF-1.7 ...", "a PDF"),
    (b"just words", "nothing that a screen can show"),
    (b"<!doctype html><script>alert(1)</script>", "an HTML page; pack it as ZIP"),
    (b"\x00\x00\x00\x18ftypqt  " + b"\x00" * 100, "a QuickTime video"),
    (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 100, "a HEIC picture"),
    (picture()[:200], "broken"),
    (b"\x00\x00\x00\x18ftypisom" + b"\x00" * 4000, "broken"),
]


def test_what_no_screen_can_show_is_refused_in_words(upload, folder):
    for content, told in REFUSED:
        refused = upload(content)
        assert (refused.status_code, told in refused.json()["detail"]) == (422, True), refused.text
        assert [path.name for path in folder.rglob("*") if path.is_file()] == []


LIES = [
    ({"said": "image/png"}, "a JPEG picture, but was sent as image/png"),
    ({"filename": "skyr.mp4"}, "a JPEG picture, but was sent as .mp4"),
    ({"said": "text/html", "filename": "x.jpg"}, "but was sent as text/html"),
]


def test_a_lying_type_is_refused_with_what_it_is_and_what_was_said(upload):
    for lie, told in LIES:
        refused = upload(picture(form="JPEG"), **lie)
        assert (refused.status_code, told in refused.json()["detail"]) == (422, True), refused.text


def test_a_codec_that_browsers_do_not_play_is_named(upload, tmp_path):
    refused = upload(film(tmp_path / "a.mp4", "mpeg4"))
    assert "its pictures are mpeg4, which not every browser plays; encode them as H.264" in refused.json()["detail"]


def test_a_video_that_was_cut_off_is_refused(upload, tmp_path):
    whole = film(tmp_path / "a.webm", "libvpx-vp9", frames=60)
    refused = upload(whole[: len(whole) // 2])
    assert refused.status_code == 422
    assert "cut off" in refused.json()["detail"]


def test_an_svg_becomes_a_png_and_its_script_is_served_to_nobody(shop, upload):
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>alert(1)</script><rect width="40" height="20" fill="red"/></svg>'
    body = upload(svg, said="image/svg+xml", filename="skyr.svg").json()
    assert (body["type"], body["width"], body["height"]) == ("image/png", 3840, 1920)
    served = shop.get(f"/media/{body['sha256']}")
    assert served.content.startswith(b"\x89PNG")
    assert b"alert" not in served.content
    assert hashlib.sha256(served.content).hexdigest() == body["sha256"]
    lettered = svg.replace(b"<rect", b"<text>Skyr</text><rect")
    assert "turn the text into paths" in upload(lettered).json()["detail"]


def test_a_package_is_served_for_a_sandboxed_frame_only(shop, upload):
    files = {
        "skyr/index.html": '<meta name="ad.size" content="width=1080,height=1920"><script src="a.js"></script>',
        "skyr/a.js": "document.title = 'on'",
        "__MACOSX/skyr/._a.js": "junk",
    }
    made = upload(package(files), said="application/zip", filename="skyr.zip")
    assert made.status_code == 201, made.text
    body = made.json()
    assert (body["kind"], body["width"], body["height"], body["fits"]) == ("html", 1080, 1920, "portrait")
    page = shop.get(f"/media/{body['sha256']}/index.html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "connect-src 'none'" in policy
    whole = shop.get(f"/media/{body['sha256']}")
    assert (whole.status_code, whole.headers["location"]) == (308, f"/media/{body['sha256']}/index.html")
    script = shop.get(f"/media/{body['sha256']}/a.js", headers={"Authorization": ""})
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    for outside in ("../vitrina.db", "%2e%2e/vitrina.db", "..%2f..%2fserver.yaml", "b.js"):
        assert shop.get(f"/media/{body['sha256']}/{outside}").status_code in {404, 422}


def linked():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.html", "x")
        link = zipfile.ZipInfo("a.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


HARMFUL = [
    (package({"page.html": "x"}), "no index.html"),
    (package({"index.html": "x", "../out.js": "x"}), "outside its folder"),
    (package({"index.html": "x", "/etc/out.js": "x"}), "outside its folder"),
    (package({"index.html": "x", "a\\..\\b.js": "x"}), "outside its folder"),
    (package({"index.html": "x", "run.exe": "x"}), "is nothing a page needs"),
    (package({"index.html": "x", "INDEX.html": "x"}), "the same name"),
    (package({"index.html": "x", "a.js": "x", "a.js/b.js": "x"}), "the same name"),
    (package({"index.html": "x"} | {f"{n}.txt": "" for n in range(501)}), "502 files; 500 are the most"),
    (package({"index.html": b"\x00" * 50_000_000}), "larger than a file may be"),
    (linked(), "is a link"),
    (package()[:60] + b"\x00" * 40, "broken"),
]


def test_a_package_that_would_do_harm_is_refused_and_leaves_nothing(upload, folder):
    for content, told in HARMFUL:
        refused = upload(content)
        assert (refused.status_code, told in refused.json()["detail"]) == (422, True), refused.text
        assert list((folder / "incoming").iterdir()) == []
        assert [path.name for path in folder.iterdir()] == ["incoming"]


def test_the_store_has_an_end(serve, bearer):
    client = serve(media={"folder": "media", "most_gb": 0.000_001})
    full = client.post(
        CREATIVES, params={"name": "x"}, content=picture((900, 900)), headers=bearer(client, "merchandiser")
    )
    assert full.status_code == 507
    assert "raise media.most_gb" in full.json()["detail"]


def test_a_folder_that_cannot_be_written_is_named(serve, bearer, tmp_path):
    (tmp_path / "media").write_text("in the way")
    client = serve(media={"folder": "media"})
    refused = client.post(CREATIVES, params={"name": "x"}, content=picture(), headers=bearer(client, "merchandiser"))
    assert refused.status_code == 507
    assert "set media.folder in server.yaml" in refused.json()["detail"]


def test_what_an_upload_left_behind_is_swept(upload, folder):
    upload(picture())
    left = folder / "incoming" / "left.part"
    left.write_bytes(b"x")
    os.utime(left, (0, 0))
    upload(picture((10, 10)))
    assert not left.exists()


def test_what_was_planned_is_archived_and_not_deleted(shop, upload):
    upload(picture())
    campaign = {
        "name": "A", "creatives": ["skyr"], "goal": {"kind": "plays"},
        "flights": [{"first": "2025-11-24", "last": "2025-11-30"}],
    }  # fmt: skip
    assert shop.post("/api/v1/sites/shop/campaigns", json=campaign).status_code == 201
    refused = shop.delete(f"{CREATIVES}/skyr")
    assert (refused.status_code, refused.json()["title"]) == (409, "In use")
    changed = shop.patch(f"{CREATIVES}/skyr", json={"archived": True, "name": "Skyr, old", "fits": "any"}).json()
    assert (changed["name"], changed["fits"], changed["archived"]) == ("Skyr, old", "any", "2025-11-22T13:30:00+01:00")
    assert shop.get(CREATIVES).json()["creatives"] == []
    assert [one["id"] for one in shop.get(CREATIVES, params={"archived": True}).json()["creatives"]] == ["skyr"]
    assert shop.get(f"/media/{changed['sha256']}").status_code == 200


def test_media_are_for_who_is_signed_in(shop, upload, bearer):
    sha256 = upload(picture()).json()["sha256"]
    assert shop.get(f"/media/{sha256}", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert shop.get(f"/media/{sha256}", headers=bearer(shop)).status_code == 200
    reader = shop.post(CREATIVES, params={"name": "x"}, content=picture(), headers=bearer(shop))
    assert reader.status_code == 403, "a viewer uploads nothing"


def test_a_landing_page_has_to_be_there(shop, upload):
    upload(picture())
    refused = shop.patch(f"{CREATIVES}/skyr", json={"landing": "nowhere"})
    assert (refused.status_code, refused.json()["detail"]) == (422, "body.landing: there is no page 'nowhere'.")
