"""HTML that we wrote as a PDF on A4. Nothing is fetched: whatever a document refers to stays away."""

import io
from typing import NoReturn

import plutoprint


class _Nothing(plutoprint.ResourceFetcher):
    def fetch_url(self, url: str) -> NoReturn:
        raise ValueError(f"{url[:80]} is not fetched")


def to_pdf(html: str) -> bytes:
    """The document printed."""
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    book.custom_resource_fetcher = _Nothing()
    book.load_html(html)
    out = io.BytesIO()
    book.write_to_pdf_stream(out)
    return out.getvalue()
