import re
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from contract.messages import Birth, CameraHealth, Health, Live, State
from contract.site import Plan
from server import auth
from server.app import create_app
from server.db.intake import Arrival, store
from server.db.plans import Plan as PlanPicture
from server.db.plans import add_plan
from server.db.sites import get_site, put_site
from server.web.plan import MARGIN, WIDTH

EMPTY_SHOP = {"unit": "m", "cell": 1.0, "origin": [0.0, 0.0], "shape": [3, 4], "index": [], "person_s": []}
"""An hour in which a camera watched and nobody was there."""


@pytest.fixture
def signed_in(serve, clock):
    client = serve()
    with client.service.engine.begin() as conn:
        secret = auth.create_link(conn, role="viewer", now=clock(), lasts_s=3600)
    client.get(f"/login?token={secret}")
    return client


@pytest.fixture
def take(signed_in, message, clock):
    """`take(data, ...)`: the server has received these."""

    def put(*data):
        with signed_in.service.engine.begin() as conn:
            store(conn, [Arrival(message(part), clock()) for part in data])

    return put


@pytest.fixture
def read(signed_in):
    """`read("/")`: the page's text without its marks, blanks made one."""

    def get(path, language="en"):
        answer = signed_in.get(path, headers={"Accept-Language": language, "Accept": "text/html"})
        assert answer.status_code == 200, answer.text[:500]
        words = re.sub(r"<[^>]+>", " ", answer.text).replace("\u00a0", " ").replace("\u202f", " ")
        return re.sub(r" ([.,:;])", r"\1", " ".join(words.split()))

    return get


def at(t):
    return datetime.fromtimestamp(t, UTC)


def test_without_a_box_every_page_says_what_to_do(read):
    for path in ("/", "/floor", "/zones", "/data-health"):
        assert "No box has sent anything yet." in read(path)


def test_the_overview_tells_who_came_in(read, take, window):
    take(*(window(minute) for minute in range(3)), State(status="online"))
    told = read("/")
    assert "Today until 13:03: 15 came in." in told
    assert "no usual day yet: 3 more weeks" in told
    assert "Сегодня до 13:03: вошли 15 человек." in read("/", "ru")


def test_expired_figures_are_told_as_old(read, take, window, clock, noon):
    live = Live(camera="door", t=at(noon + 1740), expires_at=at(noon + 1750), occupancy=4, zones={"shelf": 4})
    take(window(), live)
    told = read("/")
    assert "4 were in the store at 13:29, since then no news" in told
    assert "4 in the store now" not in told
    assert "In the store at 13:29: 4 last known" in told


def test_live_figures_are_told_as_now(read, take, window, noon):
    take(window(), Live(camera="door", t=at(noon + 1799), expires_at=at(noon + 1830), occupancy=1, zones={"shelf": 1}))
    assert "1 in the store now" in read("/")
    assert "сейчас в магазине 1 человек" in read("/", "ru")


def test_few_visits_are_no_median(read, take, window):
    take(window())
    told = read("/zones?zone=shelf")
    assert "1 visit so far: not enough to say how long people stay." in told
    assert "1 of about 10 visits seen from their beginning." in told


def test_enough_visits_are(read, take, window):
    take(*(window(minute) for minute in range(12)))
    told = read("/zones?zone=shelf")
    assert "People stay longest in shelf: half over 12 s" in told
    assert "Median stay" in told


def test_the_uploaded_plan_lies_under_the_amounts(signed_in, take, window, clock):
    take(window())
    sha256 = "ab" * 32
    plan = {"sha256": sha256, "origin_m": [0.5, 0.0], "metres_per_px": 0.01}
    document = get_site_of(signed_in).document
    drawn = document.model_copy(update={"floor": document.floor.model_copy(update={"plan": Plan.model_validate(plan)})})
    with signed_in.service.engine.begin() as conn:
        put_site(conn, drawn, simulated=False)
    assert "plan-picture" not in signed_in.get("/floor").text  # the document names a picture that is not here
    with signed_in.service.engine.begin() as conn:
        add_plan(conn, "shop", PlanPicture(sha256, b"png", 200, 100), now=clock())
    (picture,) = re.findall(r'<image class="plan-picture"[^>]*>', signed_in.get("/floor").text)
    assert f'href="/api/v1/sites/shop/plan.png?sha256={sha256}"' in picture
    scale = (WIDTH - 2 * MARGIN) / 4  # the floor is 4 m wide, the picture 2 m
    assert float(re.search(r' width="([\d.]+)"', picture)[1]) == pytest.approx(2 * scale)
    assert float(re.search(r' x="([\d.]+)"', picture)[1]) == pytest.approx(MARGIN + 0.5 * scale)


def get_site_of(client):
    with client.service.engine.connect() as conn:
        return get_site(conn, "shop")


def test_a_period_without_windows_says_so(read, take, window):
    take(window())
    assert "Not observed in this time, so nobody can say." in read("/floor?period=yesterday")
    take(window(minute=-1440, presence_s=0.0, zones={}, heatmap=EMPTY_SHOP))
    assert "Nobody was recorded here in this time." in read("/floor?period=yesterday")
    assert "not observed" in read("/zones?period=yesterday").lower()


def test_each_bad_state_says_what_to_do(read, take, noon):
    cameras = {
        "door": CameraHealth(state="dead", fps=0, observed_share=0, dropped=0, bad_frames=0, error="401 Unauthorized"),
        "aisle": CameraHealth(state="watching", fps=8, observed_share=1, dropped=0, bad_frames=0),
    }
    birth = Birth(
        version="0.1.0",
        started_at=at(noon),
        cameras=["door", "aisle"],
        model="nanodet-g",
        profile="objects",
        site_version=1,
    )
    health = Health(
        t=at(noon + 1790),
        cameras=cameras,
        outbox_depth=7,
        outbox_bytes=900,
        outbox_oldest_s=400,
        outbox_dropped=0,
        disk_free_bytes=2_500_000_000,
    )
    take(State(status="online"), birth, health)
    told = read("/data-health")
    assert "1 of 2 cameras watch; 2 things need a look." in told
    assert "No picture: 401 Unauthorized. Check its power, cable and address." in told
    assert "Messages wait in its outbox, the oldest for 6:40 min." in told
    assert "2.5 GB" in told


def test_a_silent_box_is_stale(read, take, window, clock):
    take(State(status="online"), window())
    clock.t += 600
    told = read("/data-health")
    assert "Silent" in told
    assert "Last message 10 min ago." in told
    assert "0 of 1 camera watches; 1 thing needs a look" in told.replace(" ;", ";").replace(
        "camera watches;", "camera watches;"
    )


def test_names_from_outside_are_text(read, signed_in, take, window):
    take(window())
    page = signed_in.get("/floor?zone=%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in page


def test_a_program_gets_a_problem_and_a_person_a_page(signed_in):
    person = signed_in.get("/nowhere", headers={"Accept": "text/html"})
    program = signed_in.get("/api/v1/nowhere", headers={"Accept": "application/json"})
    assert (person.status_code, person.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (program.status_code, program.headers["content-type"]) == (404, "application/problem+json")


def test_a_fault_of_ours_has_a_number_and_no_traceback(settings, clock):
    app = create_app(settings(), clock=clock)

    @app.get("/broken")
    def broken():
        raise RuntimeError("secret detail")

    with TestClient(app, base_url="http://shop.example", raise_server_exceptions=False) as client:
        answer = client.get("/broken", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert re.search(r"report no\. [0-9a-f]{8}", answer.text)
    assert "secret detail" not in answer.text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_preferences_lead_nowhere_else(signed_in, back):
    answer = signed_in.post("/preferences", data={"theme": "dark", "back": back})
    assert answer.headers["location"] == "/"


def test_preferences_take_only_what_there_is(signed_in):
    answer = signed_in.post("/preferences", data={"theme": "pink", "language": "tlh"})
    assert "set-cookie" not in answer.headers
