from zoneinfo import ZoneInfo

import numpy as np
import pytest

from contract.messages import DWELL_BINS_S
from contract.site import Zone
from server.db.zones import ZoneTotals
from server.domain.intervals import Estimate
from server.domain.stays import Check
from server.web import zone_columns, zone_rows
from server.web.dwell import span_words, stay_of
from server.web.language import Words
from server.web.zone_columns import Entry
from server.web.zone_rows import Held

WORDS = Words("en", ZoneInfo("Europe/Berlin"))
SQUARE = [[0, 0], [1, 0], [1, 1]]


def totals(stay_s, n, **changed):
    dwell = np.zeros((4, len(DWELL_BINS_S)))
    dwell[0] = np.histogram([stay_s] * n, [*DWELL_BINS_S, np.inf])[0]
    values = {
        "entries": n, "visits": n, "presence_s": float(stay_s * n), "dwell_sum_s": float(stay_s * n), "dwell": dwell,
        "occupancy_max": 3, "observed_s": 3600.0, "stops": n // 2, "reentries": 0,
    }  # fmt: skip
    return ZoneTotals(**(values | changed))


def rows(kind, now, past=None, **zone):
    found = zone_rows.rows(
        Zone(kind=kind, polygon_m=SQUARE, **zone),
        Held(WORDS, stay_of(now), stay_of(past) if past else None),
        {"here": now},
    )
    return {row.name.replace("\u00a0", " "): row for row in found}


def test_a_shelf_tells_stays_stops_and_what_changed():
    found = rows("category", totals(50, 100), totals(25, 80), engaged_s=30)
    assert found["Visits"].delta == "+25\u202f%"
    assert found["Stayed over 30 s"].value == "100\u202f%"
    assert found["Stayed over 30 s"].delta == "+100\u00a0pts"
    assert found["Stopped"].value == "50\u202f%"
    assert found["Median stay"].delta.startswith("+")
    assert "Waiting, mean" not in found


def test_a_queue_tells_its_length_and_wait():
    found = rows("queue", totals(90, 40))
    assert found["Waiting, mean"].value == "1.0"  # 40 people times 90 s within an hour
    assert found["Came to wait"].value == "40"
    assert found["Waiting, most"].value == "3"
    assert "Median stay" not in found
    assert all(row.delta == "" for row in found.values())


def test_too_few_visits_are_no_share():
    found = rows("category", totals(50, 4))
    assert (found["Median stay"].value, found["Stayed over 10 s"].more) == ("–", "not enough data")


@pytest.mark.parametrize(
    ("verdict", "waits", "told"),
    [
        ("agree", False, ""),
        ("unsure", False, ""),
        ("agree", True, "Length, arrivals and wait agree (Little’s law, ratio 1.40)."),
        ("tracks_begin_inside", False, "Presence per entry is 1.40 times the mean stay: people are first seen inside"),
        ("entries_counted_twice", True, "Presence per entry is only 1.40 times the mean stay: who is lost from sight"),
    ],
)
def test_two_means_that_disagree_are_told(verdict, waits, told):
    check = Check(50.0, Estimate(1.4, 1.3, 1.5), verdict)
    found = zone_rows.remark(WORDS, check, waits=waits)
    assert found.startswith(told)
    assert bool(found) == bool(told)


def test_the_unit_stands_once_where_both_ends_have_it():
    assert span_words(37, 46, WORDS).replace("\u00a0", " ") == "37 to 46 s"
    assert span_words(110, 130, WORDS).replace("\u00a0", " ") == "110 s to 2:10 min"


def test_the_table_sorts_by_change():
    columns = {c.key: c for c in zone_columns.columns(WORDS, {"a": totals(50, 20)}, "14 Nov")}
    entry = Entry(Zone(polygon_m=SQUARE), stay_of(totals(50, 20)), totals(50, 40))
    assert columns["change"].value(entry) == -0.5
    assert columns["change"].written(entry) == "−50\u202f%"
    assert "change" not in {c.key for c in zone_columns.columns(WORDS, {}, "")}
