"""Trends and breaks in a sentence each, with what began about then."""

from contract.site import Site
from server.db.news import Cause, Happened, News
from server.web.language import Words


def sentence(news: News, site: Site, categories: dict[str, str], words: Words) -> str:
    """What changed, since when, by how much."""
    what = subject(news, site, categories, words)
    change = news.change
    size = {
        "what": what,
        "share": words.percent(abs(change.value)),
        "weeks": words.number(news.weeks),
        "day": words.day(news.day),
    }
    if news.kind == "trend":
        more, less = (
            words.gettext("%(what)s: %(share)s more over %(weeks)s weeks, little by little"),
            words.gettext("%(what)s: %(share)s less over %(weeks)s weeks, little by little"),
        )
    else:
        more, less = (
            words.gettext("%(what)s: %(share)s more since %(day)s"),
            words.gettext("%(what)s: %(share)s less since %(day)s"),
        )
    return (more if change.value > 0 else less) % size


def subject(news: News, site: Site, categories: dict[str, str], words: Words) -> str:
    """What a series is called."""
    text = words.gettext
    zone = site.zones.get(news.of)
    name = (zone.name if zone and news.subject.startswith("zone") else "") or categories.get(news.of, news.of)
    told = {
        "entrants": text("People who come in"),
        "receipts": text("Receipts"),
        "basket": text("Takings of a receipt"),
        "card_share": text("Receipts with a card"),
        "zone_visits": text("%(zone)s, visits of 100 who come in"),
        "zone_engaged": text("%(zone)s, of its visits those who stay"),
        "category_receipts": text("%(zone)s, share of the receipts"),
    }
    return told[news.subject] % {"zone": name}


def range_of(news: News, words: Words) -> str:
    """The interval of the change."""
    low, high = (f"{'+' if end > 0 else '−' if end < 0 else ''}{words.percent(abs(end))}" for end in _ends(news))
    return words.gettext("%(from)s to %(to)s") % {"from": low, "to": high}


def causes(news: News, words: Words) -> str:
    """What began about then; that nothing is known is said too."""
    if news.kind == "trend":
        return words.gettext("A trend has no day; look at what was done in these weeks.")
    if not news.happened:
        return words.gettext("Nothing that is known here began about then.")
    told = "; ".join(_cause(each, words) for each in news.happened)
    return words.gettext("About then: %(what)s.") % {"what": told}


def _ends(news: News) -> tuple[float, float]:
    return news.change.low, news.change.high


def _cause(happened: Happened, words: Words) -> str:
    text = words.gettext
    kinds: dict[Cause, str] = {
        "offer": text("offer “%(what)s”, %(day)s"),
        "placing": text("%(what)s was moved, %(day)s"),
        "special_day": text("%(what)s, %(day)s"),
        "change": text("change “%(what)s”, %(day)s"),
    }
    return kinds[happened.cause] % {"what": happened.what, "day": words.day(happened.day)}
