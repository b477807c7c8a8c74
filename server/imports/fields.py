"""What a table may say of each subject: which columns it can have, what they are often called, and of what kind."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from contract.loyalty import Subject

Kind = Literal[
    "text", "id", "code", "category", "categories", "amount", "rounded", "number", "whole", "share", "date", "time",
    "moment", "yes", "word", "weekdays", "words", "month",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartOf:
    """A list of a document that a table can fill: the first whose `required` fields are all there is meant."""

    name: str
    required: tuple[str, ...]
    """Fields, or choices of them parted by `|`."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a column, or a constant, can say; `hints` are names that columns for it have."""

    name: str
    kind: Kind
    hints: tuple[str, ...] = ()


_CATEGORY = Field("category", "category", ("category", "категория", "товарная группа", "группа", "group", "department"))
_SKU = Field(
    "sku", "code", ("sku", "article", "артикул", "код товара", "item code", "plu", "код", "barcode", "штрихкод")
)
_GROSS = Field("gross", "amount", ("gross", "сумма", "amount", "total", "итого", "стоимость", "выручка", "sum", "paid"))
_MARGIN = Field("margin", "rounded", ("margin", "маржа", "profit", "прибыль", "валовая прибыль"))
_COST = Field("cost", "rounded", ("cost", "себестоимость", "cost of goods", "закупочная стоимость", "себест"))
_DISCOUNT = Field("discount", "amount", ("discount", "скидка", "сумма скидки", "rebate"))
_QUANTITY = Field("quantity", "number", ("quantity", "количество", "qty", "кол-во", "кол во", "units", "pieces"))
_MOMENT = ("datetime", "дата и время", "дата время", "timestamp", "date time", "время чека", "дата чека")
_DATE = Field("date", "date", ("date", "дата", "day", "день"))
_TIME = Field("time", "time", ("time", "время", "hour", "час"))
_START = Field("start", "date", ("start", "from", "начало", "с", "first day", "дата начала"))
_END = Field("end", "date", ("end", "to", "until", "конец", "по", "last day", "дата окончания"))
_SEGMENT = Field("segment", "id", ("segment", "сегмент"))
_NAME = ("name", "название", "наименование", "title")

FIELDS: dict[Subject, tuple[Field, ...]] = {
    "receipts": (
        Field("id", "text", ("receipt", "чек", "receipt id", "номер чека", "№ чека", "check", "ticket", "bon", "id")),
        Field("till", "text", ("till", "касса", "register", "pos", "номер кассы", "ккм", "kasse")),
        Field("t", "moment", ("t", *_MOMENT)),
        _DATE,
        _TIME,
        Field("has_card", "yes", ("has card", "card", "карта", "с картой", "по карте", "loyalty card", "loyalty")),
        Field("kind", "word", ("kind", "вид", "тип", "операция", "type", "вид операции", "тип операции")),
        _CATEGORY,
        _SKU,
        _QUANTITY,
        _GROSS,
        _MARGIN,
        _COST,
        _DISCOUNT,
        Field("offer", "id", ("offer", "акция", "campaign", "promotion", "кампания", "promo")),
        Field("coupon", "code", ("coupon", "купон", "промокод", "promo code", "voucher")),
    ),
    "sales": (
        Field("start", "moment", ("start", "начало", *_MOMENT)),
        _DATE,
        _TIME,
        Field("minutes", "whole", ("minutes", "минут", "span", "минуты")),
        _CATEGORY,
        Field("receipts", "whole", ("receipts", "чеков", "чеки", "количество чеков", "transactions", "checks")),
        Field("card_receipts", "whole", ("card receipts", "чеков с картой", "чеки с картой")),
        Field("returns", "whole", ("returns", "возвратов", "возвраты")),
        _QUANTITY,
        _GROSS,
        _MARGIN,
        _COST,
        _DISCOUNT,
    ),
    "catalogue": (
        _SKU,
        Field("name", "text", (*_NAME, "товар", "номенклатура", "product", "item name")),
        _CATEGORY,
        Field("parent", "category", ("parent", "родитель", "входит в")),
        Field("needs", "word", ("needs", "требует", "хранение")),
        Field("movable", "yes", ("movable", "можно переставить")),
    ),
    "planogram": (
        _CATEGORY,
        Field("zone", "id", ("zone", "зона", "place", "место")),
        Field("since", "date", ("since", "с", "дата", "date", "from")),
        Field("shelf_m", "number", ("shelf m", "полка м", "метры полки", "shelf", "полка")),
        Field("has", "words", ("has", "есть", "оборудование")),
        Field("feature", "yes", ("feature", "промо место", "остров")),
    ),
    "offers": (
        Field("offer", "id", ("offer", "акция", "id", "campaign", "код")),
        Field("name", "text", _NAME),
        Field("kind", "word", ("kind", "вид", "тип", "type")),
        Field("categories", "categories", ("categories", "категории", "category", "категория")),
        _START,
        _END,
        Field("share_off", "share", ("share off", "скидка", "discount", "percent", "процент")),
        Field("cost", "amount", ("cost", "затраты", "стоимость", "расходы")),
    ),
    "affinities": (
        _SEGMENT,
        _CATEGORY,
        Field("weekdays", "weekdays", ("weekdays", "дни недели", "days")),
        Field("from_hour", "whole", ("from hour", "с часа", "hour from")),
        Field("to_hour", "whole", ("to hour", "до часа", "hour to")),
        Field("share", "share", ("share", "доля", "percent", "процент")),
        Field("receipts", "whole", ("receipts", "чеков", "чеки")),
        _START,
        _END,
    ),
    "programme": (
        _START,
        _END,
        _SEGMENT,
        Field("cohort", "month", ("cohort", "joined month", "когорта", "месяц вступления")),
        Field("month", "whole", ("month", "месяц")),
        Field("members", "whole", ("members", "участников", "участники")),
        Field("active", "whole", ("active", "активных", "активные")),
        Field("joined", "whole", ("joined", "вступило", "новых", "new")),
        Field("returned", "whole", ("returned", "вернулось")),
        Field("lapsed", "whole", ("lapsed", "ушло", "отток")),
        Field("card_receipts", "whole", ("card receipts", "чеков с картой", "чеки с картой")),
        Field("receipts", "whole", ("receipts", "чеков", "чеки", "всего чеков")),
        Field("card_gross", "amount", ("card gross", "выручка с картой", "оборот с картой")),
        Field("gross", "amount", ("gross", "выручка", "оборот", "сумма")),
        Field("card_margin", "rounded", ("card margin", "маржа с картой")),
        Field("margin", "rounded", ("margin", "маржа")),
        Field("points_issued", "whole", ("points issued", "начислено баллов")),
        Field("points_redeemed", "whole", ("points redeemed", "списано баллов")),
        Field("rewards_issued", "whole", ("rewards issued", "выдано наград")),
        Field("rewards_redeemed", "whole", ("rewards redeemed", "использовано наград")),
        Field("cost", "amount", ("cost", "затраты", "расходы")),
    ),
    "surveys": (
        Field("survey", "id", ("survey", "опрос")),
        Field("question", "id", ("question", "вопрос")),
        Field("name", "text", (*_NAME, "текст вопроса", "question text")),
        Field("nps", "yes", ("nps",)),
        Field("day", "date", ("day", "дата", "date", "день")),
        Field("answer", "text", ("answer", "ответ", "оценка")),
        Field("n", "whole", ("n", "count", "количество", "число")),
    ),
    "days": (
        Field("day", "date", ("day", "дата", "date", "день")),
        Field("temperature_c", "number", ("temperature c", "temperature", "температура")),
        Field("rain_mm", "number", ("rain mm", "rain", "осадки", "precipitation")),
        Field("forecast", "yes", ("forecast", "прогноз")),
        Field("name", "text", (*_NAME, "праздник", "holiday")),
        Field("closed", "yes", ("closed", "закрыто")),
    ),
}

PARTS: dict[Subject, tuple[PartOf, ...]] = {
    "receipts": (PartOf("receipts", ("id", "t|date", "has_card", "category|sku", "gross")),),
    "sales": (PartOf("rows", ("start|date", "receipts", "card_receipts", "gross")),),
    "catalogue": (PartOf("articles", ("sku", "name", "category")), PartOf("categories", ("category",))),
    "planogram": (PartOf("placings", ("category", "zone", "since")), PartOf("places", ("zone",))),
    "offers": (PartOf("offers", ("offer", "name", "start", "end")),),
    "affinities": (PartOf("affinities", ("segment", "category", "share", "receipts", "start", "end")),),
    "programme": (
        PartOf("periods", ("start", "end", "members", "active", "card_receipts", "receipts", "card_gross", "gross")),
        PartOf("cohorts", ("cohort", "month", "members", "active", "gross")),
    ),
    "surveys": (PartOf("counts", ("survey", "question", "name", "day", "answer", "n")),),
    "days": (PartOf("weather", ("day", "temperature_c")), PartOf("special", ("day", "name"))),
}
"""Where none is met, the first says what is missing."""

WITH_MONEY: frozenset[Subject] = frozenset({"receipts", "sales", "offers", "programme"})
"""Their documents name a currency."""


def field(subject: Subject, name: str) -> Field:
    """The field of this name."""
    return next(found for found in FIELDS[subject] if found.name == name)


def missing(part: PartOf, given: Container[str]) -> list[str]:
    """What of the part's required fields is not given."""
    return [choice for choice in part.required if not any(name in given for name in choice.split("|"))]


def part_for(subject: Subject, given: Container[str]) -> PartOf:
    """The part that these fields fill, or of which they fill the most: the first where none is whole."""
    return min(PARTS[subject], key=lambda part: len(missing(part, given)))
