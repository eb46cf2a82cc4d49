"""One nomination: its dossier, where it stands, what happened, and what I can do with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.inputs.nominations import ActionRequest
from api.pages.action_form import read_action, via_of_form
from api.pages.carry_out import carry_out, go_on
from api.pages.frame.address_words import narrowed_by
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.papers_section import papers_section, scans_of
from api.pages.refusals import RefusedForm, refused_action
from api.pages.routes import pages
from api.pages.views.time.corrected import corrected_since_return
from api.pages.views.time.elapsed import shown_clocks
from api.pages.views.time.history import history_lines, seat_of_event
from api.pages.writing import (
    ShownDue,
    decider_text,
    due_of,
    holder_text,
    render,
    seat_text,
    since_text,
)
from api.permissions import Permission, permission
from api.wording import message_of
from workflow.domain.errors import Reason
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.rights.policy import NOT_YOURS
from workflow.domain.rights.roles_held import nominating_units
from workflow.domain.vocabulary import BuiltIn, Stage
from workflow.operations.nominations.commands import Command, Outcome
from workflow.operations.nominations.decide import decide
from workflow.queries.escalations.proposed_dates import may_answer_date, may_ask_for_date
from workflow.queries.mail.mails import list_mails
from workflow.queries.mentions.people import people_to_name
from workflow.queries.nominations.comments import audiences_for
from workflow.queries.nominations.contact import call_refused, contact_of
from workflow.queries.nominations.diff import NominationDiff, diff_since, seq_of_version
from workflow.queries.nominations.events import EventView, list_events
from workflow.queries.nominations.moves import MoveKind, MoveView, moves_for, moves_of
from workflow.queries.nominations.nomination import NominationView, get_nomination, read_nomination
from workflow.queries.nominations.seen import Seen
from workflow.queries.nominations.undoable import done_lately
from workflow.queries.nudges.press import may_press
from workflow.queries.papers import papers_of
from workflow.queries.seats import name_seats, unit_officer
from workflow.queries.shapes import waits_for
from workflow.queries.sight import read_seen
from workflow.queries.waiting.spans import left_on_route

_ENTRIES: Final = 200
_PAPERS: Final = "papers"
_OF_THE_PAPER: Final = (
    "submission_number_missing",
    "submission_date_missing",
    "submission_signer_missing",
)
_OF_THE_WORDS: Final = ("subject_missing", "award_missing", "achievement_missing", "proposer_missing")


@dataclass(frozen=True, slots=True)
class ShownRefusal:
    """Why an action is refused, in words; `place` is the address where it is mended, empty without one."""

    words: str
    place: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One action as the page offers it: its form, or in words why it is refused."""

    move: MoveView
    refusals: tuple[ShownRefusal, ...]
    is_mine: bool
    is_anothers: bool
    paper_of: str


@pages.get("/nominations/<int(max=9223372036854775807):nomination_id>")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def nomination(nomination_id: int) -> str:
    """Show one nomination."""
    return show_nomination(nomination_id, None)


@pages.post("/nominations/<int(max=9223372036854775807):nomination_id>/actions/<action>")
@permission(Permission.SIGNED_IN)
def act(nomination_id: int, action: str) -> Response | tuple[str, int]:
    """Carry out one action and show what came of it; a refusal keeps what was typed."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    before = get_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    label = _label(moves_for(session, actor=actor, nomination_id=nomination_id, now=now), action, locale)

    def decided() -> Outcome:
        said = read_action(ActionRequest)
        command = Command(
            nomination_id=nomination_id,
            version=said.version or 0,
            request=said.as_move(action),
            via=via_of_form(actor, nomination_id, action),
            claim=claim_of_form(),
            assignee_id=said.assignee_id,
        )
        return decide(session, actor=actor, command=command, now=now)

    def done(outcome: Outcome) -> Response:
        words = say(locale, "nomination.done", action=label, subject=before.subject.name)
        words = say(locale, "nomination.done_before") if outcome.was_answered_before else words
        return go_on(words, "pages.nomination", nomination_id=nomination_id)

    return carry_out(
        decided,
        done=done,
        again=lambda refusal: show_nomination(nomination_id, refused_action(refusal, action, locale)),
    )


def show_nomination(
    nomination_id: int, refused: RefusedForm | None, papers: Mapping[str, object] | None = None
) -> str:
    """Return the page as the nomination stands now, with a refused action's words still in its form.

    `papers` is the section of papers where it has words of its own to say; else it is made here.
    """
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    view, seen = read_nomination(session, actor=actor, nomination_id=nomination_id, now=now)
    cursor = request.args.get("cursor")
    events = list_events(
        session, actor=actor, nomination_id=nomination_id, limit=_ENTRIES, cursor=cursor, seen=seen
    )
    mails = list_mails(
        session, actor=actor, nomination_id=nomination_id, limit=_ENTRIES, cursor=None, seen=seen
    )
    today = request_today()
    facts = read_seen(session, actor=actor, nomination_id=nomination_id, now=now)
    is_waited_for = view.holder is not None and waits_for(actor, view.holder)
    last, undo_until = done_lately(session, facts, now=now)
    moves = moves_of(session, actor=actor, locked=facts, now=now, last=last)
    seats = name_seats(session, _seats(view, events.items, moves), today=today)
    places = _places(view, moves)
    target = Target(PaperRoot.NOMINATION, nomination_id)
    section = papers or papers_section(
        target, found=papers_of(session, actor=actor, target=target, now=now, seen=facts)
    )
    return render(
        "nomination.html",
        nomination=view,
        due=due_on_page(view, seen, locale),
        stages=seen.stages,
        stage_kind=seen.cluster_kind,
        clocks=shown_clocks(view.clocks, seen.cluster_kind, locale),
        holder=holder_text(view.holder, seats, locale),
        held_since=since_text(view.holder, locale),
        is_waited_for=is_waited_for,
        may_press=not is_waited_for and may_press(session, actor, facts),
        decider=decider_text(view.decider or "", seats, locale),
        decided_by=seats.get(view.decision.body, "") if view.decision else "",
        officer_of_unit=unit_officer(session, view.unit.code, today=today),
        may_ask_date=may_ask_for_date(session, facts, actor=actor),
        may_answer_date=may_answer_date(session, facts, view.proposed_date, actor=actor, today=today),
        may_call=call_refused(session, facts, actor=actor) is None,
        contact=contact_of(session, view, seen, actor=actor, today=today),
        **_offered([_choice(move, seats, places, locale) for move in moves if move.name != BuiltIn.UNDO]),
        undo=next((move for move in moves if move.name == BuiltIn.UNDO and move.is_open), None),
        undo_until=undo_until,
        scans=scans_of(section),
        entries=history_lines(events.items, mails.items, seats, locale),
        next=events.next,
        is_first="cursor" not in request.args,
        section=section,
        refused=refused,
        was_sent=_was_sent(view, events.items),
        audiences=(audiences := audiences_for(session, facts, actor=actor)),
        nameable=people_to_name(session, facts, actor=actor, audiences=audiences),
        stale=_stale(refused, seen, nomination_id),
        corrected=corrected_since_return(
            session, actor=actor, nomination_id=nomination_id, seen=seen, entries=events.items, now=now
        ),
        today=today,
        edit=BuiltIn.EDIT,
        new_key=new_key,
    )


def _was_sent(view: NominationView, events: Sequence[EventView]) -> bool:
    """Return whether there is a receipt: of what is drafted or withdrawn only where it was sent once."""
    if view.stage not in {Stage.DRAFT, Stage.WITHDRAWN}:
        return True
    return any(event.source and event.dest not in {None, event.source, view.state} for event in events)


def due_on_page(view: NominationView, seen: Seen, locale: str) -> ShownDue | None:
    """Return the due date of what waits with the days left by the calendar of its route, None without one."""
    seat = view.holder.seat if view.holder else None
    left = left_on_route(request_session(), seen.definition_id, view.due_at, request_now(), seat)
    return due_of(view.due_at, left.working_days if left else None, locale, view.due_explained)


def _seats(view: NominationView, events: Sequence[EventView], moves: Sequence[MoveView]) -> set[str]:
    keys = [key for event in events for key in (event.routed_to, seat_of_event(event)) if key]
    keys += [reason.params.get("owner", "") for move in moves for reason in move.refusals]
    keys += [move.paper_of for move in moves if move.paper_of]
    found = {key.partition("@")[2] for key in keys}
    found |= {view.holder.seat} if view.holder else set()
    found |= {view.decider} if view.decider else set()
    return found | ({view.decision.body} if view.decision else set())


def _places(view: NominationView, moves: Sequence[MoveView]) -> Mapping[str, str]:
    """Return where the reader mends what a rule finds missing, by the code of its reason."""
    places = {"paper_missing": f"#{_PAPERS}"}
    if view.unit.code in nominating_units(current_actor()):
        compose = url_for("pages.new_submission", round=view.round, unit=view.unit.code)
        places["submission_missing"] = compose
    if view.submission is not None:
        paper = url_for("pages.submission", submission_id=view.submission.id, _anchor="paper")
        places |= dict.fromkeys(_OF_THE_PAPER, paper)
    if any(move.is_open and move.name == BuiltIn.EDIT for move in moves):
        places |= dict.fromkeys(_OF_THE_WORDS, url_for("pages.edit_nomination", nomination_id=view.id))
    return places


def _choice(move: MoveView, seats: Mapping[str, str], places: Mapping[str, str], locale: str) -> Choice:
    """Return an action with its refusals in words; one of the route that only lacks something stands out."""
    return Choice(
        move=move,
        refusals=tuple(
            ShownRefusal(_refusal(reason, seats, locale), places.get(reason.code, ""))
            for reason in move.refusals
        ),
        is_mine=move.kind is MoveKind.MOVE and all(reason.code != NOT_YOURS for reason in move.refusals),
        is_anothers=bool(move.refusals) and all(reason.code == NOT_YOURS for reason in move.refusals),
        paper_of=seat_text(move.paper_of, seats, locale) if move.paper_of else "",
    )


def _offered(choices: Sequence[Choice]) -> dict[str, Sequence[Choice]]:
    """Return the actions by where the page shows them; one done on paper for another stands in two places."""
    shut = [choice for choice in choices if not choice.move.is_open]
    return {
        "open_moves": [choice for choice in choices if choice.move.is_open],
        "refused_moves": [choice for choice in shut if choice.is_mine],
        "others_moves": [choice for choice in shut if not choice.is_mine],
        "paper_moves": [choice for choice in choices if choice.paper_of and choice.is_anothers],
    }


def _refusal(reason: Reason, seats: Mapping[str, str], locale: str) -> str:
    """Say why an action is refused, with the names of seats rather than their keys."""
    if reason.code == NOT_YOURS:
        owner = reason.params.get("owner")
        if owner is None:
            return say(locale, "refused.not_yours")
        return say(locale, "refused.only", seat=seat_text(owner, seats, locale))
    return message_of(reason, locale)


def _label(moves: Sequence[MoveView], action: str, locale: str) -> str:
    return next((move.label.text(locale) for move in moves if move.name == action), action)


def _stale(refused: RefusedForm | None, seen: Seen, nomination_id: int) -> NominationDiff | None:
    """Return what happened since the screen was made from which an action came too late."""
    if refused is None or not refused.is_stale:
        return None
    return changed_since_screen(nomination_id, seen)


def changed_since_screen(nomination_id: int, seen: Seen) -> NominationDiff | None:
    """Return what happened since the version that a form carries, None where it never had such a one."""
    session, version = request_session(), request.form.get("version", "")
    seq = seq_of_version(session, nomination_id, int(version)) if version.isdecimal() else None
    if seq is None:
        return None
    return diff_since(
        session, actor=current_actor(), nomination_id=nomination_id, seq=seq, now=request_now(), seen=seen
    )
