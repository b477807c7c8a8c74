"""Templates: one environment per language, everything escaped, an unknown name is an error and not an empty place."""

from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from server.web.language import NAMES, Words


@cache
def environment(code: str) -> Environment:
    """The templates of a language."""
    made = Environment(
        loader=PackageLoader("server.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    # The time zone plays no part in texts.
    words = Words(code, ZoneInfo("UTC"))
    made.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined] # added by the extension
    made.globals["languages"] = NAMES
    return made


def page(template: str, words: Words, *, status: int = 200, **context: Any) -> HTMLResponse:  # noqa: ANN401 - what the template reads
    """A whole page in the reader's language; never kept by a cache, because it shows what is now."""
    html = environment(words.code).get_template(template).render(words=words, **context)
    return HTMLResponse(html, status_code=status, headers={"Cache-Control": "no-store", "Content-Language": words.code})
