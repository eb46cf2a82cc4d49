"""The head signs one document for names of many lists: chosen by award, seen once more, signed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import request
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from api.catalogue import say
from api.edge import edge, request_now, request_session, request_today
from api.inputs.submissions import InboxDecision
from api.inputs.votes import SigningBody
from api.pages.carry_out import carry_out
from api.pages.council.answers import names_of, refusals_of, why_not
from api.pages.frame.seen_again import Page, answers
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form, new_key
from api.pages.papers_section import file_section
from api.pages.refusals import told
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.views.one_round import ROUND
from api.pages.writing import render
from api.permissions import Permission, permission
from api.reading import read_said
from api.uploads import given_filename, received_file, takes_file
from workflow.domain.errors import InvalidField, Refusal
from workflow.domain.numerals import whole_number
from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.domain.vocabulary import PaperKind, Via
from workflow.operations.nominations.commands import Command
from workflow.operations.papers.attach import NewPaper
from workflow.operations.papers.sign import Signed, sign_names
from workflow.queries.rounds.views import get_round
from workflow.queries.votes.waiting_names import MOST_NAMES, Asks, WaitingName, WaitingNames, waiting_names

SIGNING: Final = f"{ROUND}/signing"
_SEEN: Final = "seen"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What waits for a signature in a round, and what of it was chosen: one kind of document, some awards."""

    round_code: str
    waiting: WaitingNames
    way: str
    awards: frozenset[str]

    @classmethod
    def of(cls, round_code: str, asked: MultiDict[str, str]) -> "_Desk":
        waiting = waiting_names(
            request_session(),
            actor=current_actor(),
            round_code=round_code,
            asks=Asks.SIGNATURE,
            now=request_now(),
        )
        ways = Counter(_way(one) for one in waiting.names if one.is_open)
        way = asked.get("way", "")
        # What was asked for stays, though nobody waits for it any more: its number is no other document's.
        way = way or next(iter(ways.most_common(1)), ("", 0))[0]
        return cls(round_code, waiting, way, frozenset(asked.getlist("award")))

    @property
    def ways(self) -> dict[str, tuple[str, int]]:
        """The kinds of document that may be signed here, each with its words and its number of names."""
        found: dict[str, tuple[str, int]] = {}
        for one in self.waiting.names:
            if one.is_open:
                words = one.label.text(current_locale())
                found[_way(one)] = (words, found.get(_way(one), (words, 0))[1] + 1)
        return found

    @property
    def here(self) -> list[WaitingName]:
        """The names for which this kind of document may be signed."""
        return [one for one in self.waiting.names if one.is_open and _way(one) == self.way]

    @property
    def taken(self) -> list[WaitingName]:
        """Those of them whose award was chosen; all where none was."""
        return [one for one in self.here if not self.awards or one.award.code in self.awards]


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What is wrong: above the page, and beside fields."""

    problem: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


@pages.get(SIGNING)
@permission(Permission.SIGNED_IN)
def signing(round_code: str) -> str:
    """Show what waits for a signature; with a document's number, day and signer, what it would cover."""
    desk = _Desk.of(round_code, request.args)
    if not {"number", "decided_on", "signer"} & set(request.args):
        return _show(desk, _Trouble())
    try:
        said = _document(request.args)
    except NotTaken as refusal:
        return _show(desk, _Trouble(say(current_locale(), "form.look_below"), refusal.words))
    return _show(desk, _Trouble(), said)


@answers(SIGNING)
@permission(Permission.SIGNED_IN)
@takes_file
def sign(round_code: str) -> Page:
    """Sign the names that were shown, each at the version shown, and keep the scan with their lists."""
    desk = _Desk.of(round_code, request.form)

    def signed() -> Signed:
        return _sign(_document(request.form))

    def again(refusal: Refusal) -> str:
        wrong = refusal.words if isinstance(refusal, NotTaken) else {}
        problem = say(current_locale(), "form.look_below") if wrong else told(refusal, current_locale())
        return _show(desk, _Trouble(problem, wrong), None if wrong else _document(request.form))

    def done(outcome: Signed) -> str | tuple[str, int]:
        why = {
            one.nomination_id: why_not(one, current_locale()) for one in outcome.names.items if one.refused
        }
        if not outcome.names.done and len(set(why.values())) == 1:
            # One thing stands against all of them: the document is to be mended, and is still there.
            return _show(desk, _Trouble(next(iter(why.values()))), _document(request.form)), 422
        return _done(desk, outcome, why, _document(request.form))

    return carry_out(signed, done=done, again=again, recalled=Signed.again)


def _way(one: WaitingName) -> str:
    return f"{one.move}@{one.dest}"


def _document(fields: MultiDict[str, str]) -> SigningBody:
    """Read number, day and signer, or raise `NotTaken` with words beside each."""
    said = read_typed(SigningBody, fields, required=("number", "decided_on", "signer"))
    words = {
        name: say(current_locale(), "form.required")
        for name in ("number", "signer")
        if not getattr(said, name)
    }
    if said.decided_on > request_today():
        words["decided_on"] = say(current_locale(), "form.future")
    if words:
        raise NotTaken(words)
    return said


def _sign(said: SigningBody) -> Signed:
    action, actor = request.form.get("way", "").partition("@")[0], current_actor()
    items = [_command(nomination_id, version, action, said) for nomination_id, version in _seen()]
    target = next((one for one in items), None)
    with received_file(actor, _target(target)) as incoming:
        scan = None
        if incoming is not None:
            scan = NewPaper(
                kind=PaperKind.DECISION,
                filename=given_filename(),
                confirms_not_secret=said.confirms_not_secret,
                file=incoming,
            )
        return sign_names(
            request_session(),
            actor=actor,
            items=items,
            scan=scan,
            archive=edge().archive,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(incoming.sha256.hex() if incoming else ""),
        )


def _target(first: Command | None) -> Target:
    return Target(PaperRoot.NOMINATION, first.nomination_id if first else 0)


def _command(nomination_id: int, version: int, action: str, said: SigningBody) -> Command:
    """Return the order for one name, read as a program's is."""
    document = {"number": said.number, "decided_on": said.decided_on.isoformat(), "signer": said.signer}
    item = {"nomination": nomination_id, "version": version, "action": action, "decision": document}
    try:
        read = read_said(InboxDecision, item)
    except ValidationError as problem:
        raise InvalidField(str(problem.errors(include_url=False)[0]["msg"])) from problem
    return Command(nomination_id, version, read.move, Via.WEB)


def _seen() -> list[tuple[int, int]]:
    """Return the names that the form carries with the version of each: one field, whatever their number."""
    found = []
    for part in request.form.get(_SEEN, "").split(","):
        first, _, second = part.partition(":")
        try:
            found.append((whole_number(first, field=_SEEN, least=1), whole_number(second, field=_SEEN)))
        except InvalidField:
            continue
    return found


def _show(desk: _Desk, trouble: _Trouble, said: SigningBody | None = None) -> str:
    """Return the page: what to choose, and once the document is named, what it covers and what stays."""
    taken = desk.taken
    return render(
        "signing.html",
        round=get_round(request_session(), code=desk.round_code, now=request_now()),
        desk=desk,
        awards=Counter(one.award.code for one in desk.here),
        titles={one.award.code: one.award.title for one in desk.here},
        said=said,
        taken=taken,
        sums=_sums(taken),
        seen=",".join(f"{one.nomination_id}:{one.version}" for one in taken),
        lists=len({one.submission.id for one in taken if one.submission}),
        unchosen=[one for one in desk.here if one not in taken],
        stay=[(one, refusals_of(one)) for one in desk.waiting.names if not one.is_open],
        other_ways=[(way, *told) for way, told in desk.ways.items() if way != desk.way],
        problem=trouble.problem,
        wrong=trouble.wrong,
        typed=request.form or request.args,
        section=file_section(),
        most=MOST_NAMES,
        today=request_today(),
        new_key=new_key,
    )


def _sums(names: Sequence[WaitingName]) -> list[tuple[WaitingName, int]]:
    """Return the number of names by award and unit, in the order of the sheet; a name stands for its pair."""
    count = Counter((one.award.code, one.unit.code) for one in names)
    first: dict[tuple[str, str], WaitingName] = {}
    for one in names:
        first.setdefault((one.award.code, one.unit.code), one)
    return [(one, count[pair]) for pair, one in first.items()]


def _done(desk: _Desk, outcome: Signed, why: Mapping[int, str], said: SigningBody) -> str:
    """Say of every name what became of it, and where the scan lies."""
    known = {one.nomination_id: one for one in desk.waiting.names}
    ids = [one.nomination_id for one in outcome.names.items]
    names = names_of([one for one in ids if one not in known])

    def line(nomination_id: int) -> tuple[int, str, str]:
        one = known.get(nomination_id)
        if one is not None:
            return nomination_id, one.name, one.award.title.text(current_locale())
        return nomination_id, *names.get(nomination_id, (str(nomination_id), ""))

    return render(
        "signing_done.html",
        round=get_round(request_session(), code=desk.round_code, now=request_now()),
        said=said,
        done=[line(one.nomination_id) for one in outcome.names.done],
        refused=[(*line(nomination_id), words) for nomination_id, words in why.items()],
        scans=outcome.scans,
        without_scan=[line(one) for one in outcome.without_scan],
    )
