"""What is imported in the reader's words: subjects, fields, ways in, states, and what was wrong."""

from collections.abc import Callable

from contract.loyalty import Subject
from server.db.imports import ImportRecord
from server.imports.file_errors import FileError
from server.web.language import Words
from server.web.state import State


def subjects(words: Words) -> dict[Subject, str]:
    """What may come in."""
    text = words.gettext
    return {
        "receipts": text("Receipts"),
        "sales": text("Sales"),
        "catalogue": text("Catalogue"),
        "planogram": text("Planogram"),
        "offers": text("Offers"),
        "affinities": text("What segments buy"),
        "programme": text("Loyalty programme"),
        "surveys": text("Surveys"),
        "days": text("Weather and special days"),
    }


def field_names(words: Words, subject: Subject) -> dict[str, str]:
    """The fields of a subject, and those of others, by name."""
    spent = {"cost": words.gettext("Costs")} if subject in {"offers", "programme"} else {}
    return _of_goods(words.gettext) | _of_programme(words.gettext) | spent


def _of_goods(text: Callable[[str], str]) -> dict[str, str]:
    return {
        "id": text("Receipt number"),
        "till": text("Till"),
        "t": text("Date and time"),
        "start": text("Start"),
        "date": text("Date"),
        "time": text("Time of day"),
        "has_card": text("Card shown, yes or no"),
        "kind": text("Kind"),
        "category": text("Category"),
        "sku": text("Article number"),
        "quantity": text("Quantity"),
        "gross": text("Amount paid, with tax"),
        "margin": text("Margin"),
        "cost": text("Cost of goods"),
        "discount": text("Discount"),
        "offer": text("Offer"),
        "coupon": text("Coupon code"),
        "minutes": text("Span, minutes"),
        "receipts": text("Receipts"),
        "card_receipts": text("Receipts with a card"),
        "returns": text("Returns"),
        "name": text("Name"),
        "parent": text("Belongs to"),
        "needs": text("Needs"),
        "movable": text("May be moved"),
        "zone": text("Zone"),
        "since": text("Since"),
        "shelf_m": text("Shelf, m"),
        "has": text("Has"),
        "feature": text("For goods on show"),
        "currency": text("Currency"),
    }


def _of_programme(text: Callable[[str], str]) -> dict[str, str]:
    return {
        "categories": text("Categories"),
        "end": text("Last day"),
        "share_off": text("Off the price, %"),
        "segment": text("Segment"),
        "weekdays": text("Weekdays"),
        "from_hour": text("From hour"),
        "to_hour": text("To hour"),
        "share": text("Share"),
        "cohort": text("Month of joining"),
        "month": text("Months since"),
        "members": text("Members"),
        "active": text("Active members"),
        "joined": text("Joined"),
        "returned": text("Came back"),
        "lapsed": text("Lapsed"),
        "card_gross": text("Takings with a card"),
        "card_margin": text("Margin with a card"),
        "points_issued": text("Points issued"),
        "points_redeemed": text("Points redeemed"),
        "rewards_issued": text("Rewards issued"),
        "rewards_redeemed": text("Rewards redeemed"),
        "survey": text("Survey"),
        "question": text("Question"),
        "nps": text("NPS question"),
        "day": text("Day"),
        "answer": text("Answer"),
        "n": text("Count"),
        "temperature_c": text("Temperature, °C"),
        "rain_mm": text("Rain, mm"),
        "forecast": text("Foretold"),
        "closed": text("Closed"),
    }


def ways(words: Words) -> dict[str, str]:
    """By which way something came."""
    text = words.gettext
    return {"rest": "REST", "mqtt": "MQTT", "upload": text("by upload"), "folder": text("by watched folder")}


def state_of(record: ImportRecord, words: Words) -> State:
    """How an import ended."""
    text = words.gettext
    match record.status:
        case "running":
            return State("stale", text("Running"))
        case "done":
            return State("fine", text("Taken"))
        case "partly":
            return State("warn", text("Partly taken"))
        case _:
            return State("bad", text("Refused"))


def fault(words: Words, told: str) -> str:
    """What was wrong with a line, also where that was several things; what is not of this list stays English."""
    for each in of_lines(str):
        told = told.replace(each, words.gettext(each))
    return told


def error(words: Words, found: FileError) -> str:
    """Why a file cannot be taken."""
    said = words.gettext(found.message)
    details = {name: words.gettext(value) for name, value in found.details.items()}
    return said % details if details else said


def of_lines(text: Callable[[str], str]) -> tuple[str, ...]:
    """Every fault that a line of a file can have, as `server.imports` says it."""
    return (
        text("a quote is opened and not closed"),
        text("a text is longer than 131,072 signs"),
        text("has fewer fields than the header; was the file cut off?"),
        text("has more fields than the header; texts with a separator in them stand in quotes"),
        text("expected an amount such as 12.50 or 12,50"),
        text("has more than two decimal places"),
        text("is too large for an amount"),
        text("could be a thousand or a decimal; choose the decimal sign"),
        text("expected a number"),
        text("expected a whole number"),
        text("expected a share, such as 34 % or 0.34"),
        text("expected yes or no"),
        text("is no date of the form that was chosen"),
        text("expected a time such as 14:20"),
        text("is none of the words that can stand here; say in the mapping what it means"),
        text("is empty"),
        text("holds signs that this encoding does not have"),
        text("is below zero; say in the mapping that such lines are goods brought back"),
        text("expected a number above zero, and no more than 100,000"),
        text("names neither a category nor an article"),
        text("lies hours from its receipt's first line; if receipt numbers begin anew each day, say so in the mapping"),
        text("belongs to a receipt that ended far above; bring the lines of each receipt together"),
        text("belongs to a receipt of more than 1,000 lines"),
        text("is longer than 120 signs"),
    )


def of_files(text: Callable[[str], str]) -> tuple[str, ...]:
    """Every reason for which a whole file is not taken."""
    return (
        text("The file is empty."),
        text("The file is empty; send it as the request's body."),
        text("The file is no text; a table comes as CSV or XLSX."),
        text("The file is an old Excel workbook (XLS); save it as XLSX or CSV."),
        text("The file is a PDF; a table comes as CSV or XLSX."),
        text("The file is packed (gzip); unpack it first."),
        text("The file is packed (RAR); unpack it first."),
        text("The file is packed (7z); unpack it first."),
        text("The file is an archive and no XLSX workbook; unpack it, and send the table in it."),
        text("The workbook is broken; open it, save it as XLSX or CSV, and send that."),
        text("The workbook needs too much memory or time; save the sheet as CSV and send that."),
        text("The workbook unpacks to %(has)s MB; at most %(most)s are taken. Save the sheet as CSV."),
        text("The workbook has no sheet %(sheet)s; choose another."),
        text("The file is not %(encoding)s; choose another encoding."),
        text("The file has column names and no lines below them."),
        text("The file has %(has)s columns; at most %(most)s are taken."),
        text("Line 1: %(fault)s."),
        text("Line %(line)s holds a value in column %(column)s; the file needs a line of column names."),
        text("Two columns are called %(name)s; give each its own name."),
        text("The file has no column %(column)s; choose another."),
        text(
            "Column %(column)s holds more than yes and no, so that it could name a person; it is not read. "
            "Send a column that says only whether a card was shown."
        ),
        text("The dates of the file are in no form that is known; say which in the mapping."),
        text("The dates of the file could begin with the day or with the month; say which in the mapping."),
        text("Column %(column)s has no time of day, which receipts need; sums of a day come as sales."),
        text("The value for all lines of %(field)s %(fault)s."),
        text("Nothing says %(fields)s; choose their columns in a mapping."),
        text("The file is larger than %(most)s MB; send it in parts."),
        text("The server's disk is nearly full; nothing more is taken until there is room."),
        text("The server cannot keep the file (%(why)s)."),
        text("Too many files wait to be imported; import them first, or delete them."),
    )
