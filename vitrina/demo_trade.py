"""What the demo's supermarket sells and what its loyalty programme tells, consistent with who its cameras saw."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import yaml

from contract.documents import validate
from contract.loyalty import (
    Affinities,
    Affinity,
    Catalogue,
    Category,
    CohortPeriod,
    Days,
    Offer,
    Offers,
    Place,
    Placing,
    Planogram,
    Programme,
    ProgrammePeriod,
    Receipts,
    Subject,
    SurveyCount,
    Surveys,
    Told,
    Weather,
)
from contract.site import Site
from edge.data_files import find_data
from server.change_document import ChangeDocument
from server.change_document import Days as Span
from vitrina.demo_plan import ProgrammePlan, SegmentPlan
from vitrina.simulate.goods import read_goods
from vitrina.simulate.history import Hour, Rhythm
from vitrina.simulate.market import Effect, Market
from vitrina.simulate.planted import Discount, Moved
from vitrina.simulate.purchases import Lines, told_lines
from vitrina.simulate.receipts import documents
from vitrina.simulate.trade import Trade

GOODS = "config/demo/goods.yaml"
PROGRAMME = "config/demo/programme.yaml"
_AHEAD = 15
"""Days for which the weather is foretold."""
_AT_ONCE = 400
"""Receipts of a message."""

Sent = tuple[Subject, Told]


@dataclass(slots=True)
class _Week:
    receipts: int = 0
    card_receipts: int = 0
    gross_c: int = 0
    card_gross_c: int = 0
    card_margin_c: int = 0


@dataclass(slots=True)
class Shop:
    """Told hour by hour, in any order; what the weeks came to is remembered."""

    site: Site
    plan: ProgrammePlan
    market: Market
    today: date
    _weeks: defaultdict[date, _Week] = field(default_factory=lambda: defaultdict(_Week))

    def sell(self, hour: Hour) -> Lines:
        """What was bought by those who came in an hour."""
        rng = np.random.default_rng([self.market.seed, round(hour.start.timestamp())])
        lines = told_lines(self.market, self.site, hour, rng)
        week = self._weeks[_monday(hour.start.astimezone(ZoneInfo(self.site.timezone)).date())]
        _, first = np.unique(lines.receipt, return_index=True)
        week.receipts += len(first)
        week.card_receipts += int(lines.has_card[first].sum())
        week.gross_c += int(lines.gross_c.sum())
        week.card_gross_c += int(lines.gross_c[lines.has_card].sum())
        week.card_margin_c += int(lines.margin_c[lines.has_card].sum())
        return lines

    def receipts(self, lines: Lines) -> Iterator[Sent]:
        """The same as a till tells it."""
        told = documents(self.market, lines) if len(lines) else []
        for first in range(0, len(told), _AT_ONCE):
            yield "receipts", Receipts(currency=self.market.goods.currency, receipts=told[first : first + _AT_ONCE])

    def standing(self) -> list[Sent]:
        """What is known without receipts: goods, places, offers, weather, surveys, likes."""
        return [
            ("catalogue", self._catalogue()),
            ("planogram", self._planogram()),
            ("offers", self._offers()),
            ("days", self._days()),
            ("surveys", self._surveys()),
            ("affinities", self._affinities()),
        ]

    def programme(self) -> Sent:
        """The programme's weeks, as far as receipts were told, and its cohorts."""
        whole = [week for week in sorted(self._weeks) if week + timedelta(days=6) < self.today]
        periods = [period for i, week in enumerate(whole) for period in self._periods(i, week)]
        return "programme", Programme(currency=self.market.goods.currency, periods=periods, cohorts=self._cohorts())

    def changes(self) -> Iterator[tuple[str, ChangeDocument]]:
        """What was moved, as those note it who moved it."""
        for move in self.plan.moves:
            good = self.market.goods.categories[move.category]
            day, lasts = self._day(move.day), timedelta(days=min(20, -move.day) - 1)
            document = ChangeDocument(
                kind="move",
                subject=move.category,
                origin=move.from_zone,
                target=good.zone,
                before=Span(first=day - timedelta(days=21), last=day - timedelta(days=1)),
                after=Span(first=day, last=day + lasts),
                categories=[move.category],
                zones=[move.from_zone, good.zone],
            )
            yield f"{good.name}: {self._zone(move.from_zone)} → {self._zone(good.zone)}", document

    def _zone(self, zone: str) -> str:
        return self.site.zones[zone].name or zone

    def _catalogue(self) -> Catalogue:
        goods = self.market.goods.categories
        return Catalogue(
            categories=[
                Category(category=key, name=good.name, needs=good.needs, movable=good.movable)
                for key, good in goods.items()
            ]
        )

    def _planogram(self) -> Planogram:
        goods, places = self.market.goods.categories, self.market.goods.places
        moved = {move.category: move for move in self.plan.moves}
        since = [
            Placing(
                category=key,
                zone=good.zone,
                since=self._day(moved[key].day) if key in moved else self.market.first,
                shelf_m=good.shelf_m,
            )
            for key, good in goods.items()
        ]
        before = [
            Placing(
                category=move.category,
                zone=move.from_zone,
                since=self.market.first,
                shelf_m=goods[move.category].shelf_m,
            )
            for move in self.plan.moves
        ]
        held = [Place(zone=key, shelf_m=at.shelf_m, has=at.has, feature=at.feature) for key, at in places.items()]
        return Planogram(placings=since + before, places=held)

    def _offers(self) -> Offers:
        told = [
            Offer(
                offer=key,
                name=plan.name,
                categories=plan.categories,
                start=self._day(plan.first),
                end=self._day(plan.last),
                share_off=plan.share_off,
                cost=plan.cost,
                groups=plan.groups,
            )
            for key, plan in self.plan.offers.items()
        ]
        return Offers(currency=self.market.goods.currency, offers=told)

    def _days(self) -> Days:
        known = self.market.weather
        return Days(
            weather=[
                Weather(
                    day=(day := self.market.first + timedelta(days=i)),
                    temperature_c=float(known.temperature_c[i]),
                    rain_mm=float(known.rain_mm[i]),
                    forecast=day > self.today,
                )
                for i in range(self.market.days)
            ]
        )

    def _surveys(self) -> Surveys:
        rng = np.random.default_rng(self.market.seed)
        weeks = [self.today - timedelta(days=7 * i + 3) for i in range(8)]
        return Surveys(
            counts=[
                SurveyCount(
                    survey=key,
                    question=plan.question,
                    name=plan.name,
                    nps=True,
                    day=day,
                    answer=str(grade),
                    n=int(rng.poisson(n)),
                )
                for key, plan in self.plan.surveys.items()
                for day in weeks
                for grade, n in enumerate(plan.grades)
            ]
        )

    def _affinities(self) -> Affinities:
        """All members and each segment, on workdays and at weekends, in the morning and after noon."""
        goods = self.market.goods.categories
        told = []
        for segment, plan in [("all", SegmentPlan(share=1.0)), *self.plan.segments.items()]:
            for weekdays, hours in (([0, 1, 2, 3, 4], (7, 12)), ([0, 1, 2, 3, 4], (12, 22)), ([5, 6], (7, 22))):
                for key, good in goods.items():
                    share = min(0.9, (good.sought + 0.1 * good.impulse) * 1.3 * plan.likes.get(key, 1.0))
                    told.append(
                        Affinity(
                            segment=segment,
                            category=key,
                            weekdays=weekdays,
                            from_hour=hours[0],
                            to_hour=hours[1],
                            share=round(share * (good.weekend if weekdays == [5, 6] else 1.0) / 1.2, 3),
                            receipts=round(4200 * plan.share),
                            start=self._day(-28),
                            end=self._day(-1),
                        )
                    )
        return Affinities(affinities=told)

    def _periods(self, number: int, week: date) -> Iterator[ProgrammePeriod]:
        plan, sums = self.plan.programme, self._weeks[week]
        active = min(round(sums.card_receipts / plan.visits), plan.members)
        for segment, of in [("all", SegmentPlan(share=1.0)), *self.plan.segments.items()]:
            takings = of.share * of.basket
            points = round(sums.card_gross_c / 100 * plan.points * takings)
            yield ProgrammePeriod(
                start=week,
                end=week + timedelta(days=6),
                segment=segment,
                members=round((plan.members + number * (plan.joined - plan.lapsed)) * of.share),
                active=round(active * of.share),
                joined=round(plan.joined * of.share),
                returned=round(of.stays * active * of.share),
                lapsed=round((1 - of.stays) * active * of.share),
                card_receipts=round(sums.card_receipts * of.share),
                receipts=sums.receipts,
                card_gross=Decimal(round(sums.card_gross_c * takings)) / 100,
                gross=Decimal(sums.gross_c) / 100,
                card_margin=Decimal(round(sums.card_margin_c * takings)) / 100,
                points_issued=points,
                points_redeemed=round(points * plan.redeemed),
                rewards_issued=round(points / 500),
                rewards_redeemed=round(points * plan.redeemed / 500),
                cost=plan.cost if segment == "all" else Decimal(0),
            )

    def _cohorts(self) -> list[CohortPeriod]:
        first = self.today.replace(day=1)
        return [
            CohortPeriod(
                joined=f"{_months_before(first, plan.joined):%Y-%m}",
                month=month,
                members=plan.members,
                active=round(plan.members * share),
                gross=Decimal(round(plan.members * share * 5400)) / 100,
                margin=Decimal(round(plan.members * share * 1500)) / 100,
            )
            for plan in self.plan.cohorts
            for month, share in enumerate(plan.active)
        ]

    def _day(self, count: int) -> date:
        return self.today + timedelta(days=count)


def open_shop(site: Site, trade: Trade, rhythm: Rhythm, *, first: date, today: date, seed: int) -> Shop:
    """The shop over the days from `first`."""
    plan = validate(ProgrammePlan, yaml.safe_load(find_data(PROGRAMME).read_text("utf-8")), name=PROGRAMME)
    goods = read_goods(find_data(GOODS), site).model_copy(update={"offers": {}})
    market = Market(
        goods,
        trade,
        first=first,
        days=(today - first).days + _AHEAD,
        seed=seed,
        site=site.site,
        rhythm=rhythm,
        effects=[*_moved(plan, first, today, {key: good.zone for key, good in goods.categories.items()}),
                 *_discounts(plan, today)],
    )  # fmt: skip
    return Shop(site, plan, market, today)


def _moved(plan: ProgrammePlan, first: date, today: date, zones: dict[str, str]) -> Iterator[Effect]:
    for move in plan.moves:
        yield Moved(move.category, first, move.from_zone)
        yield Moved(move.category, today + timedelta(days=move.day), zones[move.category])


def _discounts(plan: ProgrammePlan, today: date) -> Iterator[Effect]:
    for key, offer in plan.offers.items():
        days = [(today + timedelta(days=offer.first), today + timedelta(days=offer.last))]
        for category in offer.categories:
            yield Discount(category, days, offer.share_off, offer.elasticity, reach=offer.reach, offer=key)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
