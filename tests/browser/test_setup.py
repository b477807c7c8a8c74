import base64
import re
from contextlib import contextmanager

import cv2
import numpy as np
import pypdfium2 as pdfium
import pytest
from playwright.sync_api import expect

from contract.messages import Still
from contract.site import Camera
from contract.topics import STILL
from contract.view import camera_view, point_errors_m

pytestmark = pytest.mark.browser

API = "/api/v1/sites/store_014"


@pytest.fixture(scope="module")
def shop(tmp_path_factory, shop_opener):
    """A shop whose visitor is an administrator; its figures do not matter here."""
    with shop_opener(tmp_path_factory.mktemp("setup"), weeks=0, role="admin") as found:
        yield found


@pytest.fixture
def admin(visit, shop):
    """A page of an administrator's browser that has not asked for anything yet."""

    def open_page(**options):
        page = visit("/login", sign_in=False, **options)
        page.request.get(f"/login?token={shop.secret}", max_redirects=0)
        return page

    return open_page


@pytest.fixture
def editor(admin, visit):
    """`editor("tills")`: the set-up page of a camera, when everything it shows is there."""

    def open_editor(camera="bakery", *, site="store_014", **options):
        page = admin(**options)
        page.goto(f"/setup?site={site}&camera={camera}")
        expect(page.locator("h1")).not_to_contain_text(re.compile("fetched|загружается"))
        return page

    open_editor.complaints = visit.complaints
    return open_editor


@contextmanager
def complaint(visit, pattern):
    """The browser notes a refused request by itself; nothing else may be noted."""
    yield
    rest = [told for told in visit.complaints if not re.search(pattern, told)]
    visit.complaints[:] = rest


def get(page, path):
    answer = page.request.get(path)
    assert answer.ok, answer.text()
    return answer.json()


def put_document(page, change, site="store_014"):
    found = get(page, f"/api/v1/sites/{site}/document")
    answer = page.request.put(
        f"/api/v1/sites/{site}/document", data={"based_on": found["version"], "document": change(found["document"])}
    )
    assert answer.ok, answer.text()
    return answer.json()["version"]


def draft(page, site="store_014"):
    """The document of the draft, as the browser keeps it."""
    return page.evaluate(f"JSON.parse(localStorage.getItem('vitrina.setup.{site}'))?.kept.document")


def spot(page, drawing, x, y):
    """Where a place of a drawing is on the screen: cm on the plan, px on the still."""
    found = page.evaluate(
        "([id, x, y]) => { const p = new DOMPoint(x, y).matrixTransform(document.querySelector(id).getScreenCTM()); return [p.x, p.y]; }",
        [drawing, x, y],
    )
    return tuple(found)


def click(page, drawing, *places):
    for x, y in places:
        page.mouse.click(*spot(page, drawing, x, y))


def on_plan(page, *places_m):
    click(page, "#plan", *((x * 100, y * 100) for x, y in places_m))


def tool(page, name):
    page.locator(".tools").get_by_role("button", name=name, exact=True).click()


def grey(width=1280, height=720):
    picture = np.full((height, width, 3), 150, np.uint8)
    cv2.putText(picture, "still", (60, 400), cv2.FONT_HERSHEY_SIMPLEX, 8, (90, 90, 90), 12)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def uncalibrated(camera):
    def change(document):
        document["cameras"][camera].pop("calibration", None)
        document["cameras"][camera].pop("landmarks", None)
        return document

    return change


def give_still(page, camera):
    answer = page.request.put(f"{API}/cameras/{camera}/still", data=grey(), headers={"Content-Type": "image/jpeg"})
    assert answer.ok, answer.text()


def send(page):
    before = int(page.locator("[data-version]").get_attribute("data-version"))
    page.get_by_role("button", name="Check and send to boxes").click()
    expect(page.locator("#told")).to_contain_text(f"Version {before + 1} is saved")
    expect(page.locator("[data-version]")).to_have_attribute("data-version", str(before + 1))
    return before + 1


def test_a_zone_is_drawn_named_sent_and_comes_back_as_a_version(editor):
    page = editor()
    tool(page, "Zone")
    on_plan(page, (29.52, 18.03), (33.98, 18.01), (34.01, 20.72), (29.5, 20.69), (29.52, 18.03))
    name = page.get_by_label("Name")
    expect(name).to_be_focused()
    page.keyboard.type("Rolls and buns")
    page.keyboard.press("Tab")
    expect(page.locator("#panel")).to_contain_text("12.1 m², 4 corners")
    expect(page.locator("#panel")).to_contain_text(re.compile(r"Seen.*%, camera", re.DOTALL))
    expect(page.locator("#draft-state")).to_have_text(re.compile(r"Draft \d+, 1 change"))
    version = send(page)
    saved = get(page, f"{API}/document")
    assert saved["version"] == version
    corners = saved["document"]["zones"]["rolls_and_buns"]["polygon_m"]
    assert corners == [[29.5, 18.0], [34.0, 18.0], [34.0, 20.7], [29.5, 20.7]]
    page.get_by_role("button", name=f"back to {version - 1}").click()
    expect(page.locator("#draft-facts")).to_contain_text("Zone Rolls and buns: deleted")
    page.get_by_role("button", name="all versions").click()
    row = page.locator("dialog tr", has_text=f"Back to {version - 1}")
    expect(row).to_be_visible()


def test_the_keyboard_draws_moves_and_takes_back(editor):
    page = editor()
    page.locator(".tools").get_by_role("button", name="Category", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#plan")).to_be_focused()
    page.keyboard.press("ArrowRight")
    for keys in ("Space", "Shift+ArrowRight Space", "Shift+ArrowDown Space", "Shift+ArrowLeft Space"):
        for key in keys.split():
            page.keyboard.press(key)
    page.keyboard.press("Escape")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    zone = draft(page)["zones"]["zone_1"]
    (x, y), *_ = zone["polygon_m"]
    assert zone["kind"] == "category"
    assert zone["polygon_m"] == [pytest.approx(p) for p in ([x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1])]
    shape = page.locator('[data-shape="zones.zone_1"]').last
    shape.focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("ArrowRight")
    corner = page.locator("#plan .stop[data-corner='0']")
    corner.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.activeElement.dataset.corner === '0'")
    moved = draft(page)["zones"]["zone_1"]["polygon_m"]
    assert moved[0] == pytest.approx([x, y + 1])
    assert moved[1] == pytest.approx([x + 1.1, y + 1])
    page.keyboard.press("Delete")
    assert len(draft(page)["zones"]["zone_1"]["polygon_m"]) == 3
    for _ in range(4):
        page.keyboard.press("Control+z")
    assert draft(page) is None
    page.keyboard.press("Control+Shift+z")
    assert len(draft(page)["zones"]["zone_1"]["polygon_m"]) == 4


def test_every_shape_and_corner_is_reached_by_tab(editor):
    page = editor()
    drawn = page.locator("#plan [data-shape]")
    assert drawn.count() > 40
    assert page.locator('#plan [data-shape]:not([tabindex="0"])').count() == 0
    page.locator('#plan [data-shape="zones.drinks"]').focus()
    page.keyboard.press("ArrowRight")  # any key makes the focus a keyboard's
    for i in range(4):
        expect(page.locator("#plan .stop")).to_have_count(4)
        page.keyboard.press("Tab")
        expect(page.locator(f'#plan .stop[data-corner="{i}"]')).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator('#plan [data-shape]:focus:not([data-shape="zones.drinks"])')).to_have_count(1)


@pytest.fixture
def calibrating(admin, shop):
    """The page of a camera that is not calibrated yet, with a still; and its true view."""
    camera = shop.sample.site("store_014").cameras["tills"]
    page = admin()
    put_document(page, uncalibrated("tills"))
    give_still(page, "tills")
    page.goto("/setup?site=store_014&camera=tills")
    expect(page.locator("h1")).to_contain_text("match four points")
    expect(page.locator("#still image")).to_have_count(1)
    return page, camera_view(camera)


def match(page, view, place, off_m=(0.0, 0.0)):
    (px,), _ = view.to_image(np.array([[*place, 0.0]]))
    click(page, "#still", px)
    on_plan(page, np.add(place, off_m))


def seen_places(view, n):
    """Places on the floor that lie well within the picture."""
    xs, ys = np.meshgrid(np.arange(1, 36, 1.0), np.arange(1, 26, 1.0))
    places = np.column_stack([xs.ravel(), ys.ravel()])
    px, front = view.to_image(np.column_stack([places, np.zeros(len(places))]))
    share = px / view.size_px
    near = np.hypot(*(places - view.place_m[:2]).T) < 12
    good = front & near & (share > 0.08).all(axis=1) & (share < 0.92).all(axis=1)
    chosen = np.random.default_rng(7).permutation(places[good])[:n]
    return chosen[np.argsort(-np.linalg.norm(chosen - chosen.mean(axis=0), axis=1))]  # the last one in their middle


def test_a_camera_is_calibrated_and_its_bad_point_left_out(calibrating):
    page, view = calibrating
    tool(page, "Point pair")
    places = seen_places(view, 7)
    for place in places[:4]:
        match(page, view, place)
    expect(page.locator("h1")).to_contain_text("which proves nothing")
    for place in places[4:6]:
        match(page, view, place)
    match(page, view, places[6], off_m=(0.9, 0.5))
    expect(page.locator("#points tbody tr")).to_have_count(7)
    camera = Camera.model_validate(draft(page)["cameras"]["tills"])
    found = camera_view(camera)
    errors = point_errors_m(camera, found)
    assert errors.max() > 0.15
    worst = int(errors.argmax()) + 1
    expect(page.locator("h1")).to_contain_text(f"Within {found.homography.rms_m * 100:.0f} cm on average")
    expect(page.locator("h1")).to_contain_text(f"Point {worst} is off by {errors.max() * 100:.0f} cm")
    rows = page.locator("#points tbody tr")
    shown = [row.locator(".error").inner_text() for row in rows.all()]
    assert [float(text.split()[0]) for text in shown] == pytest.approx(errors * 100, abs=0.51)
    if worst != 7:
        pytest.fail(f"the point that was moved is the seventh, not {worst}")
    rows.nth(6).get_by_role("button", name="Leave out").click()
    expect(page.locator("h1")).to_contain_text("Every point is within 15 cm")
    expect(page.locator("#points tr.aside")).to_contain_text("left out")
    page.get_by_role("button", name="Put back").click()
    expect(page.locator("h1")).to_contain_text("Point 7 is off by")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_contain_text("Every point is within 15 cm")
    version = send(page)
    assert len(get(page, f"{API}/document")["document"]["cameras"]["tills"]["calibration"]["points"]) == 6
    assert version > 13


def test_points_are_matched_by_keyboard_too(calibrating):
    page, _ = calibrating
    page.locator(".tools").get_by_role("button", name="Point pair").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#still")).to_be_focused()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Space")
    page.locator("#plan").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Space")
    (pair,) = draft(page)["cameras"]["tills"]["calibration"]["points"]
    assert pair["image"] == pytest.approx([0.52, 0.5], abs=0.01)
    expect(page.locator("h1")).to_contain_text("3 more points")


@pytest.mark.parametrize(("lens", "seed"), [(0.0, 1), (-0.28, 2), (0.17, 3)])
def test_the_page_computes_what_the_contract_computes(visit, shop, lens, seed):
    page = visit("/login", sign_in=False)
    rng = np.random.default_rng(seed)
    true = camera_view(shop.sample.site("store_014").cameras["aisles"])
    places = seen_places(true, 8)
    px, _ = true.to_image(np.column_stack([places, np.zeros(len(places))]))
    points = [
        {"image": share.tolist(), "floor_m": (place + rng.normal(0, 0.1, 2)).tolist()}
        for share, place in zip(px / true.size_px, places, strict=True)
    ]
    raw = {"resolution_px": [1920, 1080], "lens": lens, "calibration": {"points": points}}
    camera = Camera.model_validate(raw)
    view = camera_view(camera)
    asked = rng.uniform((100, 500), (1800, 1050), (5, 2))
    found = page.evaluate(
        """async ([camera, asked]) => {
          const { cameraView } = await import("/static/setup/calibration.js");
          const view = cameraView(camera);
          const floor = asked.map((p) => view.toFloor(view.straighten(p)));
          return { rms: view.rms, errors: view.errors, floor, back: floor.map((p) => view.bend(view.toPicture(p))) };
        }""",
        [raw, asked.tolist()],
    )
    floor, below = view.to_ground(asked)
    assert below.all()
    assert found["rms"] == pytest.approx(view.homography.rms_m, abs=1e-6)
    assert found["errors"] == pytest.approx(point_errors_m(camera, view), abs=1e-6)
    assert np.array(found["floor"]) == pytest.approx(floor, abs=1e-6)
    assert np.array(found["back"]) == pytest.approx(asked, abs=1e-6)


@pytest.mark.parametrize(
    ("points", "key"),
    [
        ([(0.1, 0.5), (0.3, 0.5), (0.5, 0.5), (0.9, 0.5)], "calibrationLine"),
        ([(0.5, 0.5)] * 4, "calibrationSpot"),
        ([(0.9, 0.3), (0.1, 0.3), (0.1, 0.9), (0.9, 0.9)], "calibrationMirrored"),
    ],
)
def test_a_calibration_that_does_not_hold_is_told(visit, points, key):
    page = visit("/login", sign_in=False)
    floor = [(0, 0), (4, 0), (4, 4), (0, 4)]
    pairs = [{"image": list(p), "floor_m": list(q)} for p, q in zip(points, floor, strict=True)]
    fault = page.evaluate(
        "async (points) => (await import('/static/setup/calibration.js')).tryView({ calibration: { points } }).fault",
        pairs,
    )
    assert fault == key


def test_a_still_is_uploaded_straightened_laid_over_the_plan_and_deleted(editor, tmp_path):
    page = editor("entrance")
    expect(page.locator("#still-empty")).to_contain_text("No still of this camera yet")
    (tmp_path / "still.jpg").write_bytes(grey())
    with page.expect_file_chooser() as chooser:
        page.locator("#still-empty").get_by_role("button", name="upload").click()
    chooser.value.set_files(tmp_path / "still.jpg")
    expect(page.locator("#still image")).to_have_count(1)
    before = page.locator("#still image").get_attribute("href")
    page.get_by_label("Straighten").fill("-0.2")
    expect(page.locator("#still image")).not_to_have_attribute("href", before)
    assert draft(page)["cameras"]["entrance"]["lens"] == -0.2
    page.get_by_label("Warped still on plan").check()
    expect(page.locator("#plan image.warp")).to_have_count(1)
    expect(page).to_have_url(re.compile("show=[^&]*warp"))
    page.locator("#draft-facts").get_by_role("button", name="delete").click()
    expect(page.locator("#still image")).to_have_count(0)
    assert "entrance" not in [still["camera"] for still in get(page, f"{API}/stills")]


def test_a_still_is_taken_by_the_box_when_it_is_asked(editor, shop):
    page = editor("aisles")
    page.locator("#still-empty").get_by_role("button", name="Take one").click()
    expect(page.locator("#told")).to_contain_text("The box was asked")
    still = Still(camera="aisles", t=shop.now(), jpeg=base64.b64encode(grey()).decode(), landmarks=[])
    shop.publish(STILL, shop.box.message(still, shop.now()))
    expect(page.locator("#told")).to_contain_text("A new still is here", timeout=15_000)
    expect(page.locator("#still image")).to_have_count(1)


def test_cameras_and_the_store_have_names_and_limits(editor):
    page = editor("entrance")
    page.locator("#panel").get_by_role("button", name=re.compile(r"^\d, Entrance")).click()
    expect(page.locator("#panel")).to_contain_text("of the floor")
    page.get_by_label("Name").fill("Over the door")
    expect(page.get_by_label("Camera", exact=True)).to_contain_text("Over the door")
    page.get_by_role("button", name="Undo").click()
    page.locator("#plan").focus()
    page.keyboard.press("Escape")
    page.locator("#panel").get_by_role("button", name="The store").click()
    page.get_by_label("Alarm above, people").fill("95")
    page.keyboard.press("Tab")
    assert draft(page)["most_people"] == 95


def test_on_an_uncalibrated_still_lines_and_masks_are_drawn_on_the_picture(calibrating):
    page, _ = calibrating
    tool(page, "Line")
    click(page, "#still", (600, 750), (1350, 780))
    tool(page, "Mask")
    click(page, "#still", (150, 150), (600, 150), (600, 450), (150, 450), (150, 150))
    document = draft(page)
    line = document["lines"]["line_1"]
    assert line["camera"] == "tills"
    assert line["ends"] == [pytest.approx(p, abs=0.002) for p in ([600 / 1920, 750 / 1080], [1350 / 1920, 780 / 1080])]
    (mask,) = document["cameras"]["tills"]["masks"]
    assert mask[2] == pytest.approx([600 / 1920, 450 / 1080], abs=0.002)


def test_shapes_are_dragged_and_faults_stand_at_the_thing(editor):
    page = editor()
    shape = page.get_by_role("button", name="Category: Drinks").first
    shape.click()
    before = get(page, f"{API}/document")["document"]["zones"]["drinks"]["polygon_m"]
    x, y = before[0]
    page.mouse.move(*spot(page, "#plan", (x + 2) * 100, (y + 9) * 100))
    page.mouse.down()
    page.mouse.move(*spot(page, "#plan", (x + 1) * 100, (y + 10) * 100), steps=4)
    page.mouse.up()
    after = draft(page)["zones"]["drinks"]["polygon_m"]
    assert after == [pytest.approx([p[0] - 1, p[1] + 1], abs=0.051) for p in before]
    page.get_by_role("button", name="Undo").click()
    assert draft(page) is None
    page.mouse.move(*spot(page, "#plan", x * 100, y * 100))
    page.mouse.down()
    page.mouse.move(*spot(page, "#plan", (x + 3) * 100, (y + 14) * 100), steps=4)
    page.mouse.up()
    expect(page.locator("#panel [role=alert]")).to_contain_text("crosses itself")
    expect(page.locator("#plan .shape.fault")).to_have_count(1)
    with complaint(editor, "422"):
        page.get_by_role("button", name="Check and send to boxes").click()
        expect(page.locator("#trouble")).to_contain_text("crosses itself")


def test_a_draft_outlives_the_page_and_is_discarded_on_demand(editor):
    page = editor()
    tool(page, "Entrance")
    on_plan(page, (10.0, 24.9), (13.0, 24.9))
    expect(page.locator("#draft-state")).to_contain_text("1 change")
    page.reload()
    expect(page.locator("#told")).to_contain_text("Your draft of last time")
    expect(page.locator("#draft-state")).to_contain_text("1 change")
    assert draft(page)["lines"]["line_1"] == {"entrance": True, "ends_m": [[10, 24.9], [13, 24.9]]}
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#draft-state")).to_contain_text("no changes")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#draft-state")).to_contain_text("1 change")


def test_two_editors_lose_nothing(editor):
    mine, theirs = editor(), editor()
    tool(mine, "Zone")
    on_plan(mine, (29.5, 21.0), (31.5, 21.0), (31.5, 22.0), (29.5, 22.0), (29.5, 21.0))
    mine.get_by_label("Name").fill("Flowers")
    mine.keyboard.press("Tab")
    theirs.locator("#panel").get_by_role("button", name="Promotion Zone").click()
    theirs.get_by_label("Name").fill("Promotions")
    version = send(theirs)
    with complaint(editor, "409"):
        mine.get_by_role("button", name="Check and send to boxes").click()
        dialog = mine.get_by_role("dialog")
        expect(dialog).to_contain_text(f"saved version {version}")
        expect(dialog).to_contain_text("Zone Promotions: changed")
        expect(dialog).to_contain_text("Zone Flowers: new")
        dialog.get_by_role("button", name="Put both together").click()
    expect(mine.locator("#draft-state")).to_have_text(f"Draft {version + 1}, 1 change")
    expect(mine.locator("[data-version]")).to_have_attribute("data-version", str(version))
    send(mine)
    zones = get(mine, f"{API}/document")["document"]["zones"]
    assert zones["promotion"]["name"] == "Promotions"
    assert "flowers" in zones


def test_who_changed_the_same_thing_is_asked_which_holds(editor):
    mine, theirs = editor(), editor()
    for page, name in ((mine, "Milk"), (theirs, "Cheese")):
        page.locator("#panel").get_by_role("button", name=re.compile("^(Dairy|Milk|Cheese)")).first.click()
        page.get_by_label("Name").fill(name)
    send(theirs)
    with complaint(editor, "409"):
        mine.get_by_role("button", name="Check and send to boxes").click()
        dialog = mine.get_by_role("dialog")
        dialog.get_by_role("group", name="Zone Milk").get_by_label("Theirs").check()
        dialog.get_by_role("button", name="Put both together").click()
    expect(mine.locator("#draft-state")).to_contain_text("no changes")
    assert get(mine, f"{API}/document")["document"]["zones"]["dairy"]["name"] == "Cheese"


def test_a_plan_is_uploaded_and_a_known_length_sets_its_scale(admin, tmp_path):
    page = admin()
    put_document(
        page, lambda found: {"site": "store_015", "name": found["name"], "timezone": found["timezone"]}, "store_015"
    )
    page.goto("/setup?site=store_015")
    expect(page.locator("h1")).to_contain_text("no floor plan")
    picture = np.full((400, 800, 3), 245, np.uint8)
    cv2.rectangle(picture, (100, 100), (700, 300), (60, 60, 60), 3)
    (tmp_path / "plan.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="upload", exact=True).last.click()
    chooser.value.set_files(tmp_path / "plan.png")
    expect(page.locator("#plan image.picture")).to_have_count(1)
    expect(page.locator("#hint")).to_contain_text("both ends")
    scale = draft(page, "store_015")["floor"]["plan"]["metres_per_px"]
    on_plan(page, (100 * scale, 100 * scale), (700 * scale, 100 * scale))
    page.get_by_label("True length").fill("12")
    page.keyboard.press("Enter")
    floor = draft(page, "store_015")["floor"]
    assert floor["plan"]["metres_per_px"] == pytest.approx(12 / 600, rel=5e-3)
    assert floor["bounds_m"][1] == pytest.approx([16, 8], rel=5e-3)
    page.get_by_role("button", name="Check and send to boxes").click()
    expect(page.locator("#told")).to_contain_text("is saved")


def test_a_viewer_looks_and_touches_nothing(visit, shop):
    page = visit("/login", sign_in=False)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.request.get(f"/login?token={viewer_link(shop)}", max_redirects=0)
    page.goto("/setup?site=store_014&camera=bakery")
    expect(page.locator("#plan [data-shape]").first).to_be_visible()
    expect(page.locator("#meta")).to_contain_text("Only administrators")
    expect(page.locator("[data-tool], [data-do=send]")).to_have_count(0)
    page.get_by_role("button", name="Category: Drinks").first.click()
    expect(page.get_by_label("Name")).to_be_disabled()
    page.locator('#plan [data-shape="zones.drinks"]').focus()
    page.keyboard.press("Delete")
    page.keyboard.press("ArrowDown")
    expect(page.locator('#plan [data-shape="zones.drinks"]')).to_have_count(1)
    assert draft(page) is None
    assert [url for url in asked if "still" in url and "static" not in url] == []


def viewer_link(shop):
    from server import auth
    from server.db.engine import connect

    engine = connect(shop.settings.database)
    with engine.begin() as conn:
        secret = auth.create_link(conn, role="viewer", now=shop.now().timestamp(), lasts_s=3600)
    engine.dispose()
    return secret


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_a_phone_draws_in_both_languages(editor, locale, sticking_out):
    page = editor(phone=True, locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", locale)
    assert sticking_out(page) == []
    expect(page.locator("#still")).to_be_hidden()
    page.locator('[data-tool="zone"]').tap()
    page.locator("#plan").scroll_into_view_if_needed()
    for x, y in ((29.5, 18.0), (33.5, 18.0), (33.5, 20.5), (29.5, 20.5), (29.5, 18.0)):
        page.touchscreen.tap(*spot(page, "#plan", x * 100, y * 100))
    expect(page.locator("#panel")).to_contain_text(re.compile(r"\d+[.,]\d\s(m²|м²)"))
    (x0, _), _, (x1, _), _ = draft(page)["zones"]["zone_1"]["polygon_m"]
    assert (x0, x1) == pytest.approx((29.5, 33.5), abs=0.5)
    page.locator('[data-tab="still"]').tap()
    expect(page.locator("#still")).to_be_visible()
    expect(page.locator("#plan")).to_be_hidden()
    assert sticking_out(page) == []


def test_axe_finds_no_serious_fault(editor, serious_faults):
    page = editor()
    assert serious_faults(page) == []
    page.get_by_role("button", name="Category: Drinks").first.click()
    tool(page, "Zone")
    on_plan(page, (29.5, 18.0), (33.5, 18.0))
    assert serious_faults(page) == []
    page.get_by_role("button", name="all versions").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert serious_faults(page) == []


def test_axe_finds_no_serious_fault_on_a_dark_phone_in_russian(editor, serious_faults):
    page = editor(phone=True, locale="ru", color_scheme="dark")
    assert serious_faults(page) == []


def test_a_page_of_a_pdf_becomes_the_plan(editor, tmp_path):
    book = pdfium.PdfDocument.new()
    for size in ((300, 300), (600, 300)):
        book.new_page(*size)
    book.save(tmp_path / "plans.pdf")
    book.close()
    page = editor(site="store_015")
    page.set_input_files("#plan-file", tmp_path / "plans.pdf")
    page.get_by_role("spinbutton", name="Page").fill("2")
    page.get_by_role("button", name="Take this page").click()
    expect(page.locator("#plan image")).not_to_have_count(0)
    pages = page.evaluate("[...document.querySelectorAll('#plan image')].map((i) => i.getAttribute('href'))")
    size = page.evaluate(
        "(url) => new Promise((done) => { const i = new Image(); i.onload = () => done(i.naturalWidth / i.naturalHeight); i.src = url; })",
        pages[0],
    )
    assert size == pytest.approx(2, abs=0.01), "the second page is twice as wide as high, the first is square"
