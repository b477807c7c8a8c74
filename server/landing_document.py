"""Landing pages as a marketer writes them: a coupon, a poll of one question, or a way into the programme."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from contract.ids import Id
from contract.site import Document

Language = Literal["en", "ru"]
Line = Annotated[str, Field(min_length=1, max_length=120)]


class Texts(Document):
    """The page in one language."""

    title: Line
    text: Annotated[str, Field(max_length=1000)] = ""
    button: Annotated[str, Field(max_length=40)] = ""
    terms: Annotated[str, Field(max_length=2000)] = ""


class Coupon(Document):
    """A code that everyone gets alike, so that it tells nothing of who shows it."""

    kind: Literal["coupon"] = "coupon"
    code: Annotated[str, Field(pattern=r"^[A-Z0-9-]{3,24}$")]
    last_day: date = Field(description="the last day on which it is good")


class Answer(Document):
    """One answer of a poll, in every language of the page."""

    key: Id
    texts: Annotated[dict[Language, Line], Field(min_length=1)]


class Poll(Document):
    """One question; the page's title asks it."""

    kind: Literal["poll"] = "poll"
    answers: Annotated[list[Answer], Field(min_length=2, max_length=6)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        keys = [answer.key for answer in self.answers]
        if len(set(keys)) < len(keys):
            raise ValueError("two answers have the same key")
        return self


class Join(Document):
    """Leads to where one joins the loyalty programme; nothing is asked here, and nothing of the visitor goes along."""

    kind: Literal["join"] = "join"
    url: Annotated[str, Field(pattern=r"^https://[^\s/@]+(/\S*)?$", max_length=500)]


class LandingDocument(Document):
    """The whole page."""

    texts: Annotated[dict[Language, Texts], Field(min_length=1)]
    page: Annotated[Coupon | Poll | Join, Field(discriminator="kind")]

    @model_validator(mode="after")
    def _answers_in_every_language(self) -> Self:
        for answer in self.page.answers if isinstance(self.page, Poll) else []:
            if missing := sorted(set(self.texts) - set(answer.texts)):
                raise ValueError(f"page.answers: {answer.key!r} has no text in {missing[0]!r}, which the page has")
        return self

    def in_language(self, wanted: str) -> tuple[Language, Texts]:
        """The page in the language wanted, else in the first it has."""
        language = next((known for known in self.texts if known == wanted), next(iter(self.texts)))
        return language, self.texts[language]
