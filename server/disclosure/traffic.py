"""Traffic: passers-by, entrants and people inside, by hour and by day."""

from contract.disclosed import TrafficRow
from server.db.occupancy import occupancy
from server.disclosure.floor import FloorDay
from server.disclosure.question import Question, row

HOUR_S = 3600


def by_hour(asked: Question, floor: FloorDay) -> list[TrafficRow]:
    """Every hour of which anything is known; who is inside is told where who came in is."""
    inside = _inside(asked)
    rows = []
    for i, t_ms in enumerate(asked.day.hours):
        series = {"passers": floor.passers, "entrants": floor.entrants}
        figures: dict[str, float | None]
        figures = {name: each.told(i) if each else None for name, each in series.items()}
        held = {name for name, each in series.items() if each and each.held.cells[i]}
        share = round(min(1.0, floor.entrants.watched_s[i] / HOUR_S), 2) if floor.entrants else 0.0
        rows.append(_row(asked, t_ms, figures | _rounded(inside.get(t_ms)), held, share))
    return [each for each in rows if each.held_back or each.entrants is not None or each.passers is not None]


def by_day(asked: Question, floor: FloorDay) -> list[TrafficRow]:
    """The day; nothing where nothing was watched."""
    series = {"passers": floor.passers, "entrants": floor.entrants}
    figures: dict[str, float | None]
    figures = {name: each.table.total if each else None for name, each in series.items()}
    held = {name for name, each in series.items() if each and each.held.total}
    means = list(_inside(asked).values())
    inside = sum(means) / len(means) if means else None
    if inside is None and all(figure is None for figure in figures.values()):
        return []
    share = round(min(1.0, float(floor.entrants.watched_s.mean()) / HOUR_S), 2) if floor.entrants else 0.0
    return [_row(asked, asked.day.start_ms, figures | _rounded(inside), held, share)]


def _row(asked: Question, t_ms: int, figures: dict[str, float | None], held: set[str], share: float) -> TrafficRow:
    if figures["entrants"] is None or "entrants" in held:
        held.add("occupancy_mean")
    return row(TrafficRow, asked.day, t_ms / 1000, figures, held, observed_share=share)


def _rounded(inside: float | None) -> dict[str, float | None]:
    return {"occupancy_mean": None if inside is None else round(inside, 1)}


def _inside(asked: Question) -> dict[int, float]:
    """Mean number of people by the hour's first instant; the day's is the mean of its hours."""
    start, end = asked.day.start, asked.day.end
    steps = occupancy(asked.conn, site=asked.site.site, start=start, end=end, step_s=HOUR_S)
    return {round(step.t * 1000): step.mean for step in steps if step.mean is not None}
