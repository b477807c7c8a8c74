"""Reports of campaigns and the audience, from a database filled with known figures."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count

import pytest
from sqlalchemy import insert, update

from contract.messages import Live
from contract.site import Site
from server.campaign_document import CampaignDocument
from server.campaign_report import campaign_trial, domain_of
from server.campaign_slots import outcomes_of
from server.db.campaigns import CampaignRecord, add_campaign, change_campaign, get_campaign
from server.db.installation import seed
from server.db.packing import pack_grid
from server.db.screen_tables import (
    audience,
    creatives,
    decisions,
    installation,
    landings,
    media,
    plays,
    scans,
    window_screens,
)
from server.db.site_versions import SiteVersion, add_version, as_json
from server.db.sites import get_site
from server.db.tables import heat_grids, window_heat, window_zones, windows
from server.db.trade_tables import coupons
from server.domain.holdout import ARMS, SLOT_S
from server.watchman import Watchman

CAMPAIGN = "/api/v1/sites/shop/campaigns/coffee"
WITH_SCREENS = {
    "screens": {"left": {"name": "By the till", "at_m": [2.5, 0.5], "zone": "till"}},
    "segments": {
        "carts": {"name": "With a cart", "when": {"transport": ["cart"]}},
        "pairs": {"name": "Two and more", "when": {"group": {"at_least": 2}}},
    },
}
CALIBRATED = {
    "resolution_px": [640, 480],
    "calibration": {
        "points": [
            {"image": [0.1, 0.9], "floor_m": [0.0, 3.0]},
            {"image": [0.9, 0.9], "floor_m": [4.0, 3.0]},
            {"image": [0.3, 0.3], "floor_m": [0.0, 0.0]},
            {"image": [0.7, 0.3], "floor_m": [4.0, 0.0]},
        ]
    },
}


class Shop:
    """A running server, and hands to fill its database."""

    def __init__(self, client, clock, headers):
        self.client, self.clock, self.headers = client, clock, headers
        self.engine, self._ids = client.service.engine, count(1)

    def get(self, path, **query):
        answer = self.client.get(path, params=query or None, headers=self.headers)
        assert answer.status_code == 200, answer.text[:500]
        return answer

    def read(self, path, language="en"):
        self.client.cookies.set("vitrina_language", language)
        words = unescape(re.sub(r"<[^>]+>", " ", self.get(path).text)).replace("\u00a0", " ").replace("\u202f", " ")
        return re.sub(r" ([.,:;])", r"\1", " ".join(words.split()))

    def change_site(self, **changed):
        with self.engine.begin() as conn:
            old = get_site(conn, "shop").document
            document = old.model_dump(mode="json", exclude_defaults=True) | changed | {"version": old.version + 1}
            site = Site.model_validate(document)
            content = as_json(site, site.version)
            made = SiteVersion(site.version, "anna", self.clock(), "", old.version, content)
            add_version(conn, made, simulated=False)

    def campaign(self, *, days=4, approved_h=0.0, **changed):
        """Flights from `days` ago until tomorrow, approved so many hours after the first began."""
        first = datetime.fromtimestamp(self.clock() - days * 86_400, UTC).date()
        plain = {
            "name": "Flat white",
            "creatives": ["cup"],
            "flights": [{"first": first, "last": first + timedelta(days=days + 1)}],
            "goal": {"kind": "uplift"},
            "promotes": "shelf",
        }
        t = self.clock() - days * 86_400 - 86_400
        with self.engine.begin() as conn:
            conn.execute(
                insert(media).values(
                    sha256="a" * 64, kind="image", type="image/png", bytes=1, width=1, height=1, created_ms=0
                )
            )
            conn.execute(
                insert(creatives).values(
                    site="shop", creative="cup", name="A cup", media="a" * 64, seconds=10, author="a", created_ms=0
                )
            )
            draft = CampaignRecord(
                "coffee", 1, "draft", CampaignDocument.model_validate(plain | changed), "anna", t, t, None, None
            )
            add_campaign(conn, "shop", draft, note="")
            approved = CampaignRecord(
                "coffee", 2, "approved", draft.document, "anna", t, t + 3600 * approved_h, "ben", t
            )
            change_campaign(conn, "shop", approved, based_on=1, who="ben", what="approved", note="")

    def trial(self):
        with self.engine.begin() as conn:
            site, record = get_site(conn, "shop").document, get_campaign(conn, "shop", "coffee")
            campaign, _ = domain_of(conn, site, record)
            return campaign_trial(conn, site, record, campaign, now=self.clock())

    def outcomes(self):
        with self.engine.begin() as conn:
            site, record = get_site(conn, "shop").document, get_campaign(conn, "shop", "coffee")
            campaign, _ = domain_of(conn, site, record)
            trial = campaign_trial(conn, site, record, campaign, now=self.clock())
            return outcomes_of(conn, campaign, site, trial)

    def window(self, conn, start, end, **seen):
        """What the camera saw within [start, end) seconds UTC."""
        self.put(conn, [self._seen(start, end, **seen)])

    def put(self, conn, seen):
        for table, rows in zip(
            (windows, window_screens, window_zones, window_heat), zip(*seen, strict=True), strict=True
        ):
            if flat := [row for of_window in rows for row in of_window]:
                conn.execute(insert(table), flat)

    def _seen(self, start, end, *, attention=0.0, passed=0, stops=0, creative="", cells=None, observed=None):
        """Rows of one window, by table."""
        number, seconds = next(self._ids), observed if observed is not None else end - start
        row = {"id": number, "site": "shop", "box": "b1", "camera": "door", "t_start_ms": round(start * 1000)}
        row |= {"t_end_ms": round(end * 1000), "revision": 0, "site_version": 1, "observed_s": seconds, "frames": 1}
        row |= {"presence_s": 0.0, "occupancy_max": 0, "moved": False}
        row |= dict.fromkeys(("handovers_taken", "handovers_guessed", "handovers_missed"), 0)
        screen = {"window_id": number, "screen": "left", "creative": creative, "shown_s": seconds}
        screen |= {"ots": passed, "viewers": passed // 2, "attention_s": attention}
        of_zone = {"window_id": number, "presence_s": 0.0, "dwell_sum_s": 0.0, "occupancy_max": 0, "reentries": 0}
        zones = [
            of_zone | {"zone": zone, "entries": entries, "visits": entries, "stops": stopped}
            for zone, entries, stopped in (("till", passed, 0), ("shelf", stops * 2, stops))
        ]
        heat = [] if cells is None else [{"window_id": number, "grid_id": 1, "cells": pack_grid(cells)}]
        return [row], [screen], zones, heat

    def run(self, value, *, skip=lambda arm, i: False, cells=None):
        """One window per slot of the trial, after the wash-out: `value(arm, i)` stops of 20 who passed."""
        trial, seen = self.trial(), []
        for i, (slot, arm) in enumerate(zip(trial.slot.tolist(), trial.arm.tolist(), strict=True)):
            if skip(ARMS[arm], i):
                continue
            n, on, at = value(ARMS[arm], i), ARMS[arm] != "nothing", slot * SLOT_S
            heat, creative = cells(on, i) if cells else None, "cup" if on else ""
            seen.append(self._seen(at + 60, at + 600, attention=n, passed=20, stops=n, creative=creative, cells=heat))
        with self.engine.begin() as conn:
            self.put(conn, seen)
        return trial


@pytest.fixture
def shop(serve, clock, bearer):
    client = serve()
    found = Shop(client, clock, bearer(client))
    with found.engine.begin() as conn:
        seed(conn)
        conn.execute(update(installation).values(value="the same arms in every run"))
    found.change_site(**WITH_SCREENS)
    return found


def planted(arm, i):
    """Six of twenty with it, three without, give or take one."""
    return (3 if arm == "nothing" else 6) + i % 3 - 1


def flat(arm, i):
    return 4 + i % 3 - 1


def stops(report):
    return next(each for each in report["effect"]["outcomes"] if each["outcome"] == "stops")


def test_what_boxes_tell_late_of_a_campaign_that_is_over_is_counted(shop, clock):
    shop.campaign()
    clock.t += 3 * 86_400  # the last flight is over
    shop.run(planted, skip=lambda _, i: i % 3)
    before = shop.get(f"{CAMPAIGN}/report").json()["effect"]
    shop.run(planted, skip=lambda _, i: not i % 3)
    clock.t += 3600
    after = shop.get(f"{CAMPAIGN}/report").json()["effect"]
    assert after != before


def test_a_planted_effect_is_found(shop):
    shop.campaign()
    shop.run(planted)
    effect = shop.get(f"{CAMPAIGN}/report").json()["effect"]
    assert effect["primary"] == "stops"
    assert effect["verdict"] == "stop_works"
    main = stops({"effect": effect})["effects"][0]
    assert main["arms"] == ["targeted", "nothing"]
    assert main["rates"] == pytest.approx([30.0, 15.0], rel=0.1)
    assert main["always"]["low"] < 15 < main["always"]["high"]
    assert main["always"]["low"] > 10
    assert stops({"effect": effect})["per"] == "100 passed"
    assert re.search(
        r"It works: \+1[45]\.\d stops at shelf per 100 who pass, \+1\d\.\d to", shop.read("/campaigns/coffee/report")
    )


def test_aiming_that_brings_nothing_is_told_apart_from_the_campaign(shop):
    shop.campaign()
    shop.run(planted)
    arms = {tuple(each["arms"]): each for each in stops(shop.get(f"{CAMPAIGN}/report").json())["effects"]}
    assert arms["everyone", "nothing"]["always"]["low"] > 5
    assert arms["targeted", "everyone"]["always"]["low"] < 0 < arms["targeted", "everyone"]["always"]["high"]


def test_no_effect_is_not_claimed(shop):
    shop.campaign()
    shop.run(flat)
    effect = shop.get(f"{CAMPAIGN}/report").json()["effect"]
    assert effect["verdict"] in ("keep_running", "stop_no_effect")
    main = stops({"effect": effect})["effects"][0]
    assert main["always"]["low"] < 0 < main["always"]["high"]


def test_too_little_data_is_an_answer(shop):
    shop.campaign(days=0)
    shop.run(planted)
    effect = shop.get(f"{CAMPAIGN}/report").json()["effect"]
    assert effect["verdict"] == "keep_running"
    assert stops({"effect": effect})["effects"][0]["always"] is None
    told = shop.read("/campaigns/coffee/report")
    assert "Not enough data to say what it brought" in told
    assert "Until then no verdict." in told
    assert "Мало данных" in shop.read("/campaigns/coffee/report", "ru")


def test_a_campaign_that_was_never_seen_says_so(shop):
    shop.campaign()
    report = shop.get(f"{CAMPAIGN}/report").json()
    assert report["totals"]["ots"] is None
    assert report["rows"] == []
    assert "Nothing has been played yet." in shop.read("/campaigns/coffee/report")


def test_outcomes_that_get_lost_with_the_arm_forbid_conclusions(shop):
    shop.campaign()
    shop.run(planted, skip=lambda arm, i: arm == "nothing" and i % 4 > 0)
    report = shop.get(f"{CAMPAIGN}/report").json()
    assert report["effect"]["verdict"] == "sample_ratio_broken"
    assert report["effect"]["sample_ratio_unseen"]["broken"]
    assert "Nothing can be concluded" in shop.read("/campaigns/coffee/report")


def test_the_first_minute_of_a_slot_does_not_count(shop):
    shop.campaign(days=0)
    slot = int(shop.trial().slot[-1]) * SLOT_S
    with shop.engine.begin() as conn:
        shop.window(conn, slot, slot + 60, attention=1000.0, passed=500)
        shop.window(conn, slot + 60, slot + 330, attention=7.0, passed=3)
        shop.window(conn, slot + 330, slot + 600, attention=4.0, passed=2)
    found = shop.outcomes()
    assert found.counts.attention[-1] == 11.0
    assert found.counts.passed[-1] == 5
    assert found.counts.watched[-1] == 1.0


def test_windows_longer_than_a_slot_and_hardly_watched_ones_have_no_outcome(shop):
    shop.campaign(days=0)
    slot = int(shop.trial().slot[-3]) * SLOT_S
    with shop.engine.begin() as conn:
        shop.window(conn, slot + 60, slot + 960, attention=50.0, passed=9)
        shop.window(conn, slot + 1260, slot + 1800, attention=50.0, passed=9, observed=100)
    rows = shop.get(f"{CAMPAIGN}/slots").json()["slots"]
    assert [row["attention"] for row in rows[-3:]] == [None, None, None]


def test_slots_keep_to_dayparts_and_to_when_it_was_approved(shop):
    shop.campaign(days=2, approved_h=55, dayparts=[{"weekdays": ["fri", "sat"], "hours": "09:00-12:00"}])
    starts = [datetime.fromisoformat(row["start"]) for row in shop.get(f"{CAMPAIGN}/slots").json()["slots"]]
    assert {(t.hour, t.minute) for t in starts} == {(h, m) for h in (9, 10, 11) for m in range(0, 60, 10)}
    assert {t.strftime("%a") for t in starts} == {"Sat"}, "on Friday it was not approved yet"
    assert len(starts) == 18


def test_a_pause_takes_its_slots_out(shop):
    shop.campaign(days=1)
    before = len(shop.trial())
    with shop.engine.begin() as conn:
        record = get_campaign(conn, "shop", "coffee")
        t = shop.clock() - 7200
        for version, what, status, at in ((3, "paused", "paused", t), (4, "resumed", "approved", t + 3600)):
            changed = CampaignRecord("coffee", version, status, record.document, "anna", t, at, "ben", t)
            change_campaign(conn, "shop", changed, based_on=version - 1, who="anna", what=what, note="")
    assert before - 7 <= len(shop.trial()) <= before - 6


def test_last_week_is_known_as_the_same_slot(shop):
    shop.campaign(days=0)
    slot = int(shop.trial().slot[-1]) * SLOT_S
    with shop.engine.begin() as conn:
        shop.window(conn, slot - 7 * 86_400 + 60, slot - 7 * 86_400 + 600, passed=10, stops=4)
        shop.window(conn, slot + 60, slot + 600, passed=20, stops=5)
    slots = shop.outcomes().of("stops")
    assert slots.before[-1] == pytest.approx(0.4)
    assert slots.value[-1] == 5
    assert slots.exposure[-1] == 20


def play(conn, number, t, **changed):
    plain = {"play": f"play-{number:06d}", "site": "shop", "screen": "left", "player": "p1", "decision": None}
    plain |= {"campaign": "coffee", "campaign_name": "Flat white", "creative": "cup", "creative_name": "A cup"}
    plain |= {"started_ms": round(t * 1000), "seconds": 10.0, "outcome": "whole", "cached": False, "trouble": None}
    conn.execute(insert(plays).values(plain | {"received_ms": round(t * 1000)} | changed))


def test_what_was_delivered_and_what_it_cost(shop, noon):
    shop.campaign(days=0, budget={"amount": 1.0, "per_play": 0.4})
    with shop.engine.begin() as conn:
        for i, outcome in enumerate(("whole", "cut", "failed", "whole")):
            play(conn, i, noon + 60 * i, outcome=outcome, seconds=0.0 if outcome == "failed" else 10.0)
        shop.window(conn, noon, noon + 60, attention=9.0, passed=8, creative="cup")
        shop.window(conn, noon + 60, noon + 120, attention=3.0, passed=4, creative="cup")
        shop.window(conn, noon + 120, noon + 180, attention=99.0, passed=90)
        key = {"site": "shop", "landing": "c", "campaign": "coffee", "creative": "cup", "screen": "left", "answer": ""}
        for what, n in (("scan", 3), ("redeem", 1)):
            conn.execute(insert(scans).values(slot_ms=round(noon * 1000), what=what, n=n, **key))
    report = shop.get(f"{CAMPAIGN}/report").json()
    wanted = {"plays": 3, "failed": 1, "seconds": 30.0, "ots": 12, "impressions": 6, "attention_s": 12.0, "scans": 3}
    assert {key: report["totals"][key] for key in wanted} == wanted
    assert report["cost"]["spent"] == 1.0
    assert report["cost"]["per_thousand_impressions"] == pytest.approx(1000 / 6)
    (row,) = csv.DictReader(io.StringIO(shop.get(f"{CAMPAIGN}/report", format="csv").text))
    assert (row["creative_name"], row["screen"], row["plays"], row["redeemed"]) == ("A cup", "left", "3", "1")
    told = shop.read("/campaigns/coffee/report")
    assert "of 1 EUR, 166.67 a thousand impressions" in told


def test_tills_tell_what_a_coupon_brought(shop, noon):
    shop.campaign(days=1)
    page = {
        "texts": {"en": {"title": "A free cup"}},
        "page": {"kind": "coupon", "code": "CUP-1", "last_day": "2099-01-01"},
    }
    day = datetime.fromtimestamp(noon, UTC).date()
    with shop.engine.begin() as conn:
        conn.execute(insert(landings).values(site="shop", landing="c", document=page, author="anna", changed_ms=0))
        conn.execute(update(creatives).values(landing="c"))
        key = {"site": "shop", "gross_c": 1250, "discount_c": 300}
        for code, back, n in (("CUP-1", 0, 4), ("CUP-1", 30, 90), ("TEA-1", 0, 70)):
            conn.execute(insert(coupons).values(day=day - timedelta(days=back), coupon=code, receipts=n, **key))
    told = shop.get(f"{CAMPAIGN}/report").json()["coupons"]
    assert told == {"receipts": 4, "gross": 12.5, "discount": 3.0}
    assert "Receipts with its code 4" in shop.read("/campaigns/coffee/report")


def test_without_a_word_of_the_tills_nothing_is_said_of_coupons(shop):
    shop.campaign(days=1)
    assert shop.get(f"{CAMPAIGN}/report").json()["coupons"] is None


def test_another_campaign_is_not_found(shop):
    assert shop.client.get("/api/v1/sites/shop/campaigns/tea/report", headers=shop.headers).status_code == 404
    assert shop.client.get("/campaigns/tea/report", headers=shop.headers).status_code == 404


def test_the_floor_differs_where_it_was_planted_and_nowhere_else(shop):
    import numpy as np

    shop.change_site(cameras={"door": CALIBRATED, "aisle": {}})
    shop.campaign(days=3)
    rng = np.random.default_rng(5)

    def cells(on, i):
        layers = np.zeros((4, 12), np.int64)
        layers[0] = rng.poisson(20_000, 12)
        layers[0, 3] += 40_000 if on else 0
        return layers

    with shop.engine.begin() as conn:
        laid = {"id": 1, "site": "shop", "camera": "", "unit": "m", "cell": 1.0, "origin_x": 0.0, "origin_y": 0.0}
        conn.execute(insert(heat_grids).values(rows=3, columns=4, **laid))
    shop.run(flat, cells=cells)
    found = shop.get(f"{CAMPAIGN}/difference").json()
    assert found["slots_on"] > found["slots_off"] > 40
    clear = {(cell["x"], cell["y"]): cell["change"] for cell in found["cells"] if cell["significant"]}
    assert clear[3.5, 0.5] > 0
    assert all(value < 0.3 * clear[3.5, 0.5] or place[0] > 2 for place, value in clear.items())
    page = shop.get("/campaigns/coffee/report?map=left").text
    assert 'id="figure-map"' in page
    assert "differ by more than chance" in page


def test_plays_add_up_with_the_players_log(shop, noon):
    with shop.engine.begin() as conn:
        for i in range(30):
            outcome = ("whole", "whole", "cut", "failed", "whole")[i % 5]
            t = noon - 86_400 * (i % 3) + 60 * i
            play(conn, i, t, outcome=outcome, cached=i % 2 == 0, campaign=None if i % 10 == 9 else "coffee")
    span = {"start": "2025-11-20T00:00:00+01:00", "end": "2025-11-23T00:00:00+01:00"}
    found = shop.get("/api/v1/sites/shop/plays", **span).json()
    assert found["totals"] | {"seconds": 0} == {
        "told": 30,
        "whole": 18,
        "cut": 6,
        "failed": 6,
        "cached": 15,
        "seconds": 0,
    }
    assert [day["day"] for day in found["days"]] == ["2025-11-20", "2025-11-21", "2025-11-22"]
    assert sum(day["told"] for day in found["days"]) == 30
    rows = list(csv.DictReader(io.StringIO(shop.get("/api/v1/sites/shop/plays", format="csv", **span).text)))
    assert len(rows) == 30
    assert sum(float(row["seconds"]) for row in rows) == found["totals"]["seconds"]
    mine = shop.get("/api/v1/sites/shop/plays", campaign="coffee", limit=5, **span).json()
    assert mine["totals"]["told"] == 27
    assert len(mine["plays"]) == 5
    told = shop.read("/proof-of-play?from=2025-11-20T00:00&to=2025-11-23T00:00")
    assert "24 plays on 1 screen, 5:00 min; 6 failed." in told
    assert "House loop" in told


def test_a_play_belongs_to_the_local_day_it_began_in(shop, noon):
    with shop.engine.begin() as conn:
        play(conn, 1, noon + 10.9 * 3600)  # 23:54 in Berlin
        play(conn, 2, noon + 11.1 * 3600)  # 0:06 of the next day there, 23:06 UTC
    shop.clock.t = noon + 86_400
    span = {"start": "2025-11-22T00:00:00", "end": "2025-11-24T00:00:00"}
    days = shop.get("/api/v1/sites/shop/plays", **span).json()["days"]
    assert [(day["day"], day["told"]) for day in days] == [("2025-11-22", 1), ("2025-11-23", 1)]


def test_no_play_is_told_as_such(shop):
    assert "Nothing was played in this time." in shop.read("/proof-of-play")


def cell(conn, segment, digest, t, *, n, of, zone="shelf"):
    row = {"site": "shop", "box": "b1", "camera": "door", "zone": zone, "segment": segment, "digest": digest}
    spans = {"t_start_ms": round((t - 3600) * 1000), "t_end_ms": round(t * 1000)}
    conn.execute(insert(audience).values(row | spans | {"n": n, "of": of, "dwell_sum_s": 20.0 * n}))


def digest(shop, segment):
    with shop.engine.connect() as conn:
        return get_site(conn, "shop").document.segments[segment].digest


def test_shares_are_of_the_definition_in_force_and_small_ones_held_back(shop, noon):
    carts, pairs = digest(shop, "carts"), digest(shop, "pairs")
    with shop.engine.begin() as conn:
        cell(conn, "carts", carts, noon, n=30, of=100)
        cell(conn, "carts", carts, noon + 600, n=10, of=60)
        cell(conn, "carts", "0" * 12, noon + 900, n=90, of=100)
        cell(conn, "carts", carts, noon, n=6, of=40, zone="till")
        cell(conn, "pairs", pairs, noon, n=97, of=102)
    cells = {(c["segment"], c["zone"]): c for c in shop.get("/api/v1/sites/shop/audience").json()["cells"]}
    assert cells["carts", "shelf"]["n"] == 40
    assert cells["carts", "shelf"]["share"] == 0.25
    assert cells["carts", "shelf"]["dwell_mean_s"] == 20.0
    assert cells["carts", "till"]["n"] is None, "under ten are not exported"
    assert cells["pairs", "shelf"]["n"] is None, "the five others would be told"
    told = shop.read("/audience?segment=carts")
    assert "Two and more: 95 % of the visits, the largest of 2 segments." in told
    assert "With a trolley." in told


def test_who_is_before_a_screen_now_is_told_in_bands(shop, message, until):
    near = {"near": 9, "now": {"carts": "5-9", "pairs": "few"}, "lately_n": 12, "lately": {}}
    t = datetime.fromtimestamp(shop.clock(), UTC)
    ends = t + timedelta(seconds=30)
    live = Live.model_validate(
        {"camera": "door", "t": t, "expires_at": ends, "occupancy": 9, "zones": {}, "screens": {"left": near}}
    )
    assert "not known" in shop.read("/audience")
    director = shop.client.app.state.director
    until(lambda: director.now("shop"), "the director's first decision")
    shop.client.portal.call(director.hear, message(live), live)
    told = shop.read("/audience")
    assert "By the till 5 to 9" in told
    assert "By the till under 5" in told


def test_two_segments_are_held_against_each_other_and_merged(shop, noon):
    with shop.engine.begin() as conn:
        cell(conn, "carts", digest(shop, "carts"), noon, n=30, of=100)
        cell(conn, "pairs", digest(shop, "pairs"), noon, n=50, of=100)
    page = shop.get("/audience?segment=carts&with=pairs").text
    merged = Site.model_validate(
        {"site": "s", **__import__("yaml").safe_load(re.findall(r'<pre class="snippet"[^>]*>([^<]+)</pre>', page)[0])}
    )
    both = merged.segments["carts-or-pairs"]
    assert len(both.when.any) == 2
    assert "30 %" in page.replace("\u202f", " ")
    assert "50 %" in page.replace("\u202f", " ")


def test_without_figures_the_audience_page_says_why(shop):
    assert "no segment has a count large enough to be told" in shop.read("/audience")


def test_a_changed_definition_is_a_version_and_a_new_name_is_none(shop):
    renamed = WITH_SCREENS["segments"]["carts"] | {"name": "Carts"}
    shop.change_site(segments=WITH_SCREENS["segments"] | {"carts": renamed})
    changed = {"name": "Carts", "when": {"transport": ["cart", "stroller"]}}
    shop.change_site(segments=WITH_SCREENS["segments"] | {"carts": changed})
    found = {s["segment"]: s for s in shop.get("/api/v1/sites/shop/segments").json()["segments"]}
    assert [v["version"] for v in found["carts"]["versions"]] == [4, 2]
    assert found["carts"]["versions"][0]["digest"] == found["carts"]["digest"]
    assert len(found["pairs"]["versions"]) == 1


def test_a_share_off_its_weekday_raises_an_alarm_and_usual_ones_do_not(shop, noon):
    carts, pairs = digest(shop, "carts"), digest(shop, "pairs")
    with shop.engine.begin() as conn:
        for week in range(7):
            day = noon - 86_400 * (1 + 7 * week)
            cell(conn, "carts", carts, day, n=400 if week == 0 else 200 + 5 * (week % 3), of=1000)
            cell(conn, "pairs", pairs, day, n=300 + 7 * (week % 3), of=1000)
    raised = [m.data for m in Watchman(shop.client.service, lambda topic, payload: None).look()]
    drifts = [alert for alert in raised if alert.kind == "segment_drift"]
    assert [(alert.subject, alert.value) for alert in drifts] == [("carts", 0.4)]
    assert drifts[0].text == "With a cart made 40.0% of yesterday's visits, usual is 20.5%"
    assert "With a cart made 40.0 % of yesterday's visits" in shop.read("/alarms")
    assert "With a cart: 40 % yesterday, usual is 20 %." in shop.read("/audience?period=28d")


def test_what_if_the_better_creative_had_always_been_taken(shop, noon):
    shop.campaign(days=0, creatives=["cup", "mug"])
    with shop.engine.begin() as conn:
        rows = []
        for i in range(72):
            slot, creative = noon - 43_200 + 600 * i, ("cup", "cup", "mug")[i % 3]
            shop.window(conn, slot + 60, slot + 600, attention=9.0 * (3 if creative == "mug" else 1), creative=creative)
            made = {"decision": f"decision-{i}", "site": "shop", "screen": "left", "t_ms": round(slot * 1000) + 90_000}
            made |= {"campaign": "coffee", "creative": creative, "arm": "targeted", "context": {}}
            rows.append(
                made | {"propensity": 1 / 3 if creative == "mug" else 2 / 3, "reason": {"code": "chosen", "of": 1}}
            )
        conn.execute(insert(decisions), rows)
    found = shop.get(f"{CAMPAIGN}/what-if").json()
    cup, mug = found["creatives"]
    assert found["decisions"] == 72
    assert found["logged"]["value"] == pytest.approx((1 + 1 + 3) / 3)
    assert (cup["creative"], cup["decisions"], mug["decisions"]) == ("cup", 48, 24)
    assert cup["always"]["value"] == pytest.approx(1.0)
    assert mug["always"] is None, "24 decisions are too few to tell"
    assert "What if always the same creative?" in shop.read("/campaigns/coffee/report")


def test_without_a_zone_before_the_screen_rates_are_per_slot(shop):
    shop.change_site(screens={"left": {"at_m": [2.5, 0.5]}})
    shop.campaign()
    shop.run(planted)
    report = shop.get(f"{CAMPAIGN}/report").json()
    assert stops(report)["per"] == "slot"
    assert stops(report)["effects"][0]["rates"] == pytest.approx([6.0, 3.0], rel=0.1)


def test_an_a_a_test_says_that_it_is_one_and_finds_nothing(shop):
    shop.campaign(arms={"targeted": 0.4, "everyone": 0.3, "nothing": 0.3, "same": True})
    shop.run(flat)
    report = shop.get(f"{CAMPAIGN}/report").json()
    assert report["effect"]["verdict"] in ("keep_running", "stop_no_effect")
    assert "A/A test: all arms do the same" in shop.read("/campaigns/coffee/report")
