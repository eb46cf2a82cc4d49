"""Files of rows, imported in the browser: looked at first, then confirmed, and taken back in one step."""

import hashlib
import os
from typing import Final

from flask import Response, abort, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from api.catalogue import say
from api.edge import end_reading, request_now, request_session, takes_long, tries_out
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.seen_again import Page, answers, see_again, taken_up
from api.pages.identity import current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.refusals import told
from api.pages.routes import pages
from api.pages.typed import NotTaken
from api.pages.views.admin.door import administrator
from api.pages.views.admin.home import next_step
from api.pages.views.admin.words import bad_rows, field_word, said
from api.pages.writing import render
from api.permissions import Permission, permission
from api.uploads import FILE, given_filename, takes_file
from workflow.domain.errors import InvalidImport, Refusal
from workflow.domain.text import LONGEST_LINE
from workflow.domain.vocabulary import Role, Via
from workflow.imports.reading.columns import COLUMNS, ImportKind, template
from workflow.imports.reading.sheet import MOST_BYTES, read_sheet
from workflow.imports.run import Imported, preview_import
from workflow.imports.undo import Undone, preview_undo, undo_last_import
from workflow.imports.upload import Upload, find_upload, import_upload, imported_before, keep_upload
from workflow.queries.imports import list_imports
from workflow.queries.paging import BIGGEST_ID

_LISTED: Final = 50
_SHOWN: Final = 50
_MARK: Final = "\ufeff"


@pages.get("/admin/imports")
@permission(Permission.SIGNED_IN)
def imports() -> str:
    """Show the form to choose a file, and what was imported."""
    administrator()
    return _page()


@pages.get("/admin/imports/template/<kind>")
@permission(Permission.SIGNED_IN)
def import_template(kind: str) -> Response:
    """Answer the header row of such a file, to be filled in by a spreadsheet."""
    administrator()
    if kind not in set(ImportKind):
        abort(404)
    # The mark at the beginning tells a spreadsheet that these are letters of UTF-8.
    answer = make_response(f"{_MARK}{template(ImportKind(kind), current_locale())}\r\n")
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.csv"'
    return answer


@answers("/admin/imports/look")
@permission(Permission.SIGNED_IN)
@takes_file
@takes_long
@tries_out
def look_at_import() -> Page:
    """Show what a file would change, and keep it until that is confirmed; or name each cell that is wrong."""
    administrator()
    request_now()
    if taken_up() is None:
        return carry_out(_kept, done=_seen, again=_page)
    upload = _found()
    return carry_out(_before, done=_done, again=_page) if upload is None else _look(upload)


@pages.post("/admin/imports")
@permission(Permission.SIGNED_IN)
@takes_long
def confirm_import() -> AnyResponse | str | tuple[str, int]:
    """Import the file that was looked at, once."""
    administrator()
    request_now()
    return carry_out(_confirmed, done=_done, again=_page)


def _is_administrator() -> bool:
    return administrator() is not None


@answers(f"/admin/imports/<int(max={BIGGEST_ID}):batch_id>/undo/look", is_look=_is_administrator)
@permission(Permission.SIGNED_IN)
@takes_long
@tries_out
def look_at_undo(batch_id: int) -> Page:
    """Show what taking the last import back would do, or what stands in its way."""
    actor, now, session = administrator(), request_now(), request_session()
    return carry_out(
        lambda: preview_undo(session, actor=actor, via=Via.WEB, now=now, batch_id=batch_id),
        done=lambda undone: render("admin/undo.html", undone=undone),
        again=_page,
    )


@pages.post(f"/admin/imports/<int(max={BIGGEST_ID}):batch_id>/undo")
@permission(Permission.SIGNED_IN)
@takes_long
def undo_import(batch_id: int) -> AnyResponse | str | tuple[str, int]:
    """Take the last import back."""
    actor, now, session = administrator(), request_now(), request_session()

    def done(undone: Undone) -> AnyResponse:
        return go_on(say(actor.locale, "imports.undone", number=undone.batch_id), "pages.imports")

    return carry_out(
        lambda: undo_last_import(session, actor=actor, via=Via.WEB, now=now, batch_id=batch_id),
        done=done,
        again=_page,
    )


def _kind(text: str) -> ImportKind:
    if text not in set(ImportKind):
        raise NotTaken({"kind": say(current_locale(), "form.not_in_list")})
    return ImportKind(text)


def _kept() -> Upload:
    """Keep the file of this request until it is imported."""
    actor, now, upload = administrator(), request_now(), _sent()
    keep_upload(request_session(), actor=actor, upload=upload, now=now)
    return upload


def _found() -> Upload | None:
    """Return the file that the form names, None where it waits no longer."""
    kind, sha256 = _kind(request.form.get("kind", "")), request.form.get("sha256", "")
    return find_upload(request_session(), actor=administrator(), kind=kind, sha256=sha256)


def _before() -> int:
    """Return the number of the import that the file which the form names became."""
    kind, sha256 = _kind(request.form.get("kind", "")), request.form.get("sha256", "")
    return imported_before(request_session(), actor=administrator(), kind=kind, sha256=sha256)


def _look(upload: Upload) -> Page:
    """Show what a file would change, or what is wrong in it."""

    def looked() -> tuple[Imported, str]:
        # The file is read while no transaction is open.
        actor, now, session = administrator(), request_now(), request_session()
        end_reading()
        sheet = read_sheet(upload.content, upload.filename, upload.kind, upload.sheet)
        found = preview_import(session, actor=actor, kind=upload.kind, sheet=sheet, now=now)
        return found, upload.sha256.hex()

    return carry_out(looked, done=_preview, again=lambda refusal: _page(refusal, upload))


def _sent() -> Upload:
    """Return the file of this request. Raises `NotTaken` where a field of the form is wrong."""
    kind = _kind(request.form.get("kind", ""))
    given = request.files.get(FILE)
    if given is None or not given.filename:
        raise NotTaken({FILE: say(current_locale(), "imports.file_missing")})
    if given.stream.seek(0, os.SEEK_END) > MOST_BYTES:
        raise NotTaken({FILE: say(current_locale(), "imports.file_large", most=MOST_BYTES // 2**20)})
    given.stream.seek(0)
    content = given.stream.read()
    name = "".join(letter for letter in given_filename() if letter.isprintable())[-LONGEST_LINE:]
    title = request.form.get("sheet", "").strip()[:LONGEST_LINE] or None
    return Upload(kind, name or str(kind), title, content, hashlib.sha256(content).digest())


def _confirmed() -> int | None:
    actor, now, session = administrator(), request_now(), request_session()
    upload = _found()
    if upload is None:
        return _before()
    end_reading()
    sheet = read_sheet(upload.content, upload.filename, upload.kind, upload.sheet)
    return import_upload(
        session,
        actor=actor,
        kind=upload.kind,
        sheet=sheet,
        seen=request.form.get("seen", ""),
        via=Via.WEB,
        now=now,
        claim=claim_of_form(),
    )


def _done(batch_id: int | None) -> AnyResponse:
    if batch_id is None:
        return go_on(say(current_locale(), "imports.nothing"), "pages.imports")
    return go_on(say(current_locale(), "imports.done", number=batch_id), "pages.imports")


def _preview(looked: tuple[Imported, str]) -> str:
    found, sha256 = looked
    return render(
        "admin/preview.html",
        found=found,
        sha256=sha256,
        shown=_SHOWN,
        field_word=lambda name: field_word(ImportKind(found.kind), name),
        said=lambda sentence: said(sentence, current_locale()),
        key=new_key(),
    )


def _seen(upload: Upload) -> Page:
    return see_again({"sha256": upload.sha256.hex()}) or _look(upload)


def _page(refusal: Refusal | None = None, upload: Upload | None = None) -> str:
    session = request_session()
    chosen = request.form.get("kind") or request.args.get("kind", "")
    is_file = isinstance(refusal, InvalidImport)
    wrong = refusal.words if isinstance(refusal, NotTaken) else {}
    problem = told(refusal, current_locale()) if refusal and not wrong and not is_file else ""
    return render(
        "admin/imports.html",
        kinds=list(ImportKind),
        house_roles=tuple(Role),
        columns={str(kind): [one for one in COLUMNS[kind] if one.is_read] for kind in ImportKind},
        chosen=chosen,
        imports=list_imports(session, limit=_LISTED),
        next_step=next_step(),
        bad=bad_rows(refusal) if is_file else (),
        bad_count=refusal.params.get("count", "") if is_file and refusal else "",
        filename=upload.filename if upload else given_filename(),
        problem=problem,
        wrong=wrong,
        most=MOST_BYTES // 2**20,
    )
