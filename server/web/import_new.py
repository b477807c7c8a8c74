"""What does this file say? Its columns, what they are of ours, and its first lines as they would be taken."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import TypeAdapter, ValidationError
from starlette.responses import RedirectResponse, Response

from contract.ids import Id
from server.api.import_files import Files, Merchandiser
from server.db.mappings import MappingRecord, put_mapping
from server.imports.files import ImportFiles
from server.imports.upload import Upload
from server.session import Running
from server.web import import_form
from server.web.import_mapping import Opened, mapping_page, open_upload
from server.web.landing_pages import form_fields
from server.web.view import Page, View

router = APIRouter()

_NAME: TypeAdapter[str] = TypeAdapter(Id)
Sent = Annotated[dict[str, str], Depends(form_fields)]


@router.get("/imports/new")
def new_import(view: Page, files: Files, user: Merchandiser) -> Response:
    """The page; without a file it leads to the list, where one is uploaded."""
    upload = files.uploads.find(view.site.site, view.param("file") or "")
    if upload is None:
        return RedirectResponse(view.link("/imports", gone="1"), 303)
    opened = open_upload(view, files, upload, dict(view.request.query_params))
    return view.render("import_new.html", page=mapping_page(view, opened))


@router.post("/imports/new/import")
async def start_import(view: Page, files: Files, user: Merchandiser, sent: Sent) -> Response:
    """Take the file in, through the mapping of the form; back to the form where it is not whole."""
    opened = _opened(view, files, sent)
    if opened is None:
        return RedirectResponse(view.link("/imports", gone="1"), 303)
    if not opened.ready or files.progress(opened.upload.id) is not None:
        return _back(view, opened)
    files.start(opened.upload, opened.mapping)
    return RedirectResponse(view.link("/imports", started=opened.upload.id), 303)


@router.post("/imports/new/save")
def save(view: Page, files: Files, user: Merchandiser, service: Running, sent: Sent) -> Response:
    """Save the mapping of the form under a name, for watched folders and the next file."""
    opened = _opened(view, files, sent)
    if opened is None:
        return RedirectResponse(view.link("/imports", gone="1"), 303)
    name = sent.get("name", "")
    if opened.troubles or not _is_name(name):
        return _back(view, opened, unsaved="1")
    document = opened.mapping.model_dump(mode="json")
    record = MappingRecord(name, opened.mapping.subject, document, user.name, service.clock())
    with service.engine.begin() as conn:
        put_mapping(conn, view.site.site, record)
    return _back(view, opened, saved=name)


def _opened(view: View, files: ImportFiles, sent: dict[str, str]) -> Opened | None:
    upload: Upload | None = files.uploads.find(view.site.site, sent.get("file", ""))
    return None if upload is None else open_upload(view, files, upload, sent)


def _back(view: View, opened: Opened, **more: str) -> Response:
    query = {"file": opened.upload.id, "subject": opened.mapping.subject} | import_form.as_query(opened.mapping) | more
    return RedirectResponse(view.link("/imports/new", **query), 303)


def _is_name(name: str) -> bool:
    try:
        _NAME.validate_python(name)
    except ValidationError:
        return False
    return True
