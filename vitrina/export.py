"""A table of the server's REST API into a file; the file is there whole, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from vitrina.errors import ExportError

SUBJECTS = ("footfall", "zones", "heatmap", "flows", "occupancy", "events", "alarms", "boxes")
FORMATS = ("csv", "xlsx", "json", "geojson")
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask of which server; `asked` are the API's own parameters."""

    server: str
    token: str
    site: str
    subject: str
    form: str
    asked: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it is answered."""
        return f"{self.server.rstrip('/')}/api/v1/sites/{self.site}/{self.subject}"


def fetch(question: Question, file: Path) -> int:
    """Ask, and write the answer to `file`; how many bytes.

    Raises:
        ExportError: the server is not there, or refuses: the message says why.
    """
    part = file.with_name(f"{file.name}.part")
    headers = {"Authorization": f"Bearer {question.token}"}
    params = dict(question.asked) | {"format": question.form}
    try:
        with httpx2.stream("GET", question.url, params=params, headers=headers, timeout=TIMEOUT_S) as answer:
            if not answer.is_success:
                answer.read()
                raise ExportError(f"{question.url}: answered {answer.status_code}, {_reason(answer)}")
            with part.open("wb") as out:
                for piece in answer.iter_bytes():
                    out.write(piece)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        part.unlink(missing_ok=True)
        raise ExportError(f"{question.server}: {error}; check the address, and that the server runs") from None
    part.replace(file)
    return file.stat().st_size


def _reason(answer: httpx2.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return "without a reason"
    return str(body.get("detail") or body.get("title") or "without a reason") if isinstance(body, dict) else "no reason"
