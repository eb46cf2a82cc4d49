"""Names by papers: what each name lacks, and a form that takes all of it at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response as FlaskResponse
from flask import request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import edge, request_now, request_session, takes_long
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.frame.seen_again import Page, answers
from api.pages.identity import JSON, current_actor, current_locale, is_by_script
from api.pages.once import claim_of_form, new_key
from api.pages.papers_section import file_section
from api.pages.refusals import told, why_left
from api.pages.routes import allow_script, pages
from api.pages.typed import NotTaken
from api.pages.views.intake.by_script import answer_of, refusal_said, script_words
from api.pages.views.intake.form import Brought, brought, cell_name, pieces_of
from api.pages.views.one_round import ROUND
from api.pages.writing import render
from api.permissions import Permission, permission
from api.uploads import FILES_TOGETHER, received_files, takes_files
from workflow.domain.errors import InvalidField, Refusal
from workflow.domain.numerals import whole_number
from workflow.domain.papers.kinds import PaperRoot, lies_at
from workflow.domain.papers.media import Incoming
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.papers.attach_many import (
    MOST_AT_ONCE,
    FiledMany,
    PieceResult,
    attach_many,
    demand_count,
)
from workflow.queries.intake.matrix import Matrix, MatrixFilters, papers_matrix
from workflow.queries.paper_words import paper_title
from workflow.queries.rounds.views import get_round
from workflow.queries.shapes import Titled

_PLACE: Final = ("unit", "submission")


@dataclass(frozen=True, slots=True)
class RefusedPiece:
    """One paper that was not taken, in words: for which cell of the page, whose, what, and why."""

    cell: str
    whose: str
    kind: Titled
    filename: str
    why: str


@pages.get(f"{ROUND}/papers")
@permission(Permission.SIGNED_IN)
@narrowed_by(*_PLACE)
def papers_matrix_page(round_code: str) -> str:
    """Show the names whose papers I keep and that are still with their unit, and what each lacks."""
    return _page(round_code)


@answers(f"{ROUND}/papers")
@permission(Permission.SIGNED_IN)
@takes_files
@takes_long
def send_papers(round_code: str) -> Page:
    """Take every paper that was chosen, and say of each that was not why; to the script without a page."""

    def done(outcome: FiledMany) -> Response | str | tuple[str, int]:
        words = say(current_locale(), "intake.taken", count=len(outcome.taken))
        if not outcome.refused:
            return go_on(words, "pages.papers_matrix_page", round_code=round_code, **_place())
        page = _page(round_code, said=words if outcome.taken else "", refused=outcome.refused)
        return page if outcome.taken else (page, 422)

    if is_by_script():
        answer = carry_out(_sent, done=answer_of, again=refusal_said)
        return answer if isinstance(answer, Response) else FlaskResponse(*answer, mimetype=JSON)
    return carry_out(
        _sent,
        done=done,
        again=lambda refusal: _page(round_code, refusal=refusal),
        recalled=FiledMany.again,
        is_shown=lambda outcome: bool(outcome.refused),
    )


def _sent() -> FiledMany:
    given = brought()
    demand_count(sum(len(one.targets) for one in given))
    wanted = [(one.file, one.targets) for one in given]
    with received_files(current_actor(), wanted) as received:
        return attach_many(
            request_session(),
            actor=current_actor(),
            pieces=pieces_of(given, received, confirms=request.form.get("confirms_not_secret") == "true"),
            archive=edge().archive,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(_content(given, received)),
        )


def _content(given: Sequence[Brought], received: Sequence[Incoming | Refusal]) -> str:
    """Return what stands for the files in the form's claim: the same form with another file is another."""
    return ",".join(
        f"{one.kind}:{'+'.join(f'{each.kind}{each.id}' for each in one.targets)}:"
        f"{got.code if isinstance(got, Refusal) else got.sha256.hex()}"
        for one, got in zip(given, received, strict=True)
    )


def _page(
    round_code: str,
    *,
    said: str = "",
    refused: Sequence[PieceResult] = (),
    refusal: Refusal | None = None,
) -> str:
    """Return the page as the papers stand now; `refused` are those that were not taken."""
    allow_script()
    session, now, filters = request_session(), request_now(), _filters()
    view = get_round(session, code=round_code, now=now)
    matrix = papers_matrix(
        session,
        actor=current_actor(),
        round_code=round_code,
        filters=filters,
        cursor=request.args.get("cursor"),
        now=now,
    )
    problems = _problems(matrix, refused)
    beside: dict[str, list[RefusedPiece]] = defaultdict(list)
    for one in problems:
        beside[one.cell].append(one)
    wrong = refusal.words if isinstance(refusal, NotTaken) else {}
    return render(
        "intake.html",
        round=view,
        matrix=matrix,
        place={name: value for name in _PLACE if (value := getattr(filters, name)) is not None},
        shared_kinds=_shared_kinds(matrix),
        units={row.unit.code for row in matrix.names},
        cell_name=cell_name,
        said=said,
        problems=problems,
        beside=beside,
        problem=_problem(refusal, wrong),
        wrong=wrong,
        typed=request.form,
        section=file_section(),
        script_words=script_words(),
        most_together=FILES_TOGETHER * edge().settings.attachment_megabytes,
        most_files=MOST_AT_ONCE,
        send_to=url_for("pages.send_papers", round_code=round_code, **_place()),
        is_first="cursor" not in request.args,
        new_key=new_key,
    )


def _place() -> dict[str, Any]:
    """Return which of the names the address asks for."""
    return {name: request.args[name] for name in (*_PLACE, "cursor") if name in request.args}


def _filters() -> MatrixFilters:
    unit, listed = request.args.get("unit") or None, request.args.get("submission", "")
    try:
        return MatrixFilters(unit, whole_number(listed, field="submission", least=1) if listed else None)
    except InvalidField:
        # No list has such a number: nothing is on it.
        return MatrixFilters(unit, 0)


def _problem(refusal: Refusal | None, wrong: Mapping[str, str]) -> str:
    if refusal is None:
        return ""
    hidden = " ".join(said for name, said in wrong.items() if not name.startswith("shared_"))
    if wrong:
        return f"{say(current_locale(), 'form.look_below')} {hidden}".rstrip()
    return told(refusal, current_locale())


def _problems(matrix: Matrix, refused: Sequence[PieceResult]) -> list[RefusedPiece]:
    locale = current_locale()
    names = {row.nomination_id: row.name for row in matrix.names}
    lists = {row.submission.id: row.unit.name for row in matrix.lists}
    found = []
    for one in refused:
        of_list = one.target.kind is PaperRoot.SUBMISSION
        whose = (lists if of_list else names).get(one.target.id, str(one.target.id))
        found.append(
            RefusedPiece(
                cell=cell_name(one.target, one.kind),
                whose=say(locale, "intake.of_list", unit=whose) if of_list else whose,
                kind=paper_title(one.kind, None),
                filename=one.filename,
                why=why_left(one.refused, locale) if one.refused else "",
            )
        )
    return found


def _shared_kinds(matrix: Matrix) -> list[Titled]:
    """Return what one file may be for several names: what names are asked for, and any other paper."""
    asked = [kind for kind in matrix.kinds if lies_at(PaperKind(kind.code), PaperRoot.NOMINATION)]
    return [*asked, paper_title(PaperKind.OTHER, None)]
