"""A zone's stay in words: median, mean and curve, each with n and interval, or how much is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from contract.messages import DWELL_BINS_S
from server.db.zones import ZoneTotals
from server.domain.stays import Check, check_mean
from server.domain.survival import Mean, Survival, survival
from server.web.figures.curve import Step
from server.web.language import Words

FEWEST_VISITS = 10
MEAN_UP_TO_S = 300.0
CURVE_SHARE = 0.05
"""The curve is drawn until so few are left; the tail says little and flattens the rest."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How long people stay in one zone."""

    curve: Survival
    totals: ZoneTotals

    @property
    def enough(self) -> bool:
        """Whether there are visits enough for a median."""
        return self.curve.n >= FEWEST_VISITS

    @property
    def median_s(self) -> float | None:
        """Kaplan-Meier median; None with too few visits or when over half outlast the table."""
        return self.curve.median_s() if self.enough else None

    @property
    def mean(self) -> Mean | None:
        """Mean with stays cut at MEAN_UP_TO_S; None with too few visits."""
        return self.curve.mean(MEAN_UP_TO_S) if self.enough else None

    @property
    def mean_s(self) -> float | None:
        """The value of `mean`."""
        return self.mean.value_s if self.mean else None

    @property
    def check(self) -> Check | None:
        """Presence per entry held against the mean stay; None with too few visits."""
        if not self.enough:
            return None
        return check_mean(self.curve, presence_s=self.totals.presence_s, entries=self.totals.entries)

    @property
    def lost_share(self) -> float | None:
        """Share of the finished visits whose track broke inside."""
        total = float(self.totals.dwell.sum())
        return float(self.totals.dwell[1].sum() + self.totals.dwell[3].sum()) / total if total else None


def stay_of(totals: ZoneTotals) -> Stay:
    """The stay behind a zone's totals."""
    return Stay(survival(totals.dwell, DWELL_BINS_S), totals)


def median_words(stay: Stay, words: Words) -> str:
    """41 s, or – with too few visits."""
    if stay.enough and stay.median_s is None:
        return words.gettext("over %(time)s") % {"time": words.seconds(stay.curve.t_s[-1])}
    return words.seconds(stay.median_s)


def interval_words(stay: Stay, words: Words) -> str:
    """37 to 46 s; empty with too few visits."""
    if not stay.enough:
        return ""
    low, high = stay.curve.median_interval_s()
    if low is None or high is None:
        return words.gettext("interval open")
    return span_words(low, high, words)


def span_words(low_s: float, high_s: float, words: Words) -> str:
    """37 to 46 s, 1:50 to 2:10 min: the unit once where both have the same."""
    low, high = words.seconds(low_s), words.seconds(high_s)
    (low_number, _, low_unit), (_, _, high_unit) = (written.partition("\u00a0") for written in (low, high))
    shown = low_number if low_unit == high_unit else low
    return words.gettext("%(low)s to %(high)s") % {"low": shown, "high": high}


def steps(stay: Stay, words: Words) -> Sequence[Step]:
    """The curve's steps with what to say on each."""
    curve, until = stay.curve, _last_shown(stay.curve)
    return [
        Step(
            float(t),
            float(s),
            float(low),
            float(high),
            _tip(words, stay, float(t), (float(s), float(low), float(high))),
        )
        for t, s, low, high in list(zip(curve.t_s, curve.share, curve.low, curve.high, strict=True))[:until]
    ]


def _last_shown(curve: Survival) -> int:
    few = [i for i, share in enumerate(curve.share) if share < CURVE_SHARE]
    return (few[0] + 1) if few else len(curve.share)


def _tip(words: Words, stay: Stay, t_s: float, share: tuple[float, float, float]) -> str:
    first = words.gettext("%(share)s still there after %(time)s") % {
        "share": words.percent(share[0]),
        "time": words.seconds(t_s),
    }
    interval = words.gettext("95 %% interval %(low)s to %(high)s") % {
        "low": words.percent(share[1]),
        "high": words.percent(share[2]),
    }
    return "\n".join([first, interval, words.gettext("n %(n)s") % {"n": words.number(stay.curve.n)}])
