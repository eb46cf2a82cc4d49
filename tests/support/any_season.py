"""A season of which nobody knows what comes: deeds and days drawn from a number, with sweeps or without."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from tests.conftest import Database
from tests.support.foretold import Watched
from tests.support.importing import Desk
from tests.support.mail import Scene
from tests.support.office import AG, DT, PAPER, ROLES
from tests.support.recount import count_anew
from workflow.domain.eligibility.facts import Fact, FactKind
from workflow.domain.errors import Refusal
from workflow.domain.remarks import Audience
from workflow.domain.vocabulary import RoundDate, RungKind, Via
from workflow.operations.comments.naming import CommentDraft
from workflow.operations.comments.say import say, take_back
from workflow.operations.escalations.date_talk import ProposeDate, propose_date
from workflow.operations.escalations.hold_back import HoldBack, hold_escalation
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.escalations.telephone import Call, note_call
from workflow.operations.nudges.nudge import nudge
from workflow.operations.people.absences import NewAbsence, announce_absence, end_absence
from workflow.operations.people.fact_questions import WantedFact, ask_fact
from workflow.operations.people.facts import say_fact
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.store.absences import Absence
from workflow.store.access import Grant
from workflow.store.mail import MailPreference
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.organisation import Person
from workflow.store.proposals import DateProposal
from workflow.store.records import FactQuestion

PARTS: Final = ("nominator", "reviewer", "deputy", "unit_head", "cluster_head", "secretary", "head")
MOVES: Final = (
    "approve", "approve", "return", "request_info", "request_info", "answer_info", "answer_info", "hold",
    "release_hold", "claim", "release", "submit", "submit", "withdraw", "endorse", "record_vote",
)  # fmt: skip
ROUND_ASKED: Final = "2026-DX"
_TRIES: Final = 40
_ASKED: Final = select(DateProposal.id, WorkItem.nomination_id).join(
    WorkItem, WorkItem.id == DateProposal.work_item_id
)
_ZONE_AHEAD: Final = timedelta(hours=7)
"""Hà Nội is seven hours ahead the whole year."""


@dataclass
class AnySeason:
    """A watched scene in which `rng` decides what happens next; `done` tells it.

    `is_busy`: people telephone, press, hold back and choose their hours too, and lose their seats.
    `is_asking`: they ask units for facts, say them, and name each other in comments.
    """

    watched: Watched
    database: Database
    rng: random.Random
    is_busy: bool = True
    is_asking: bool = False
    done: list[str] = field(default_factory=list)

    def live(self, deeds: int) -> None:
        """Do so many things, one after the other, with hours or days between."""
        kinds: list[tuple[Callable[[], str], int]] = [
            (self._move, 12), (self._new, 3), (self._away, 2), (self._back, 1), (self._ask_date, 2),
            (self._give_date, 2), (self._extend, 1), (self._days_off, 1),
        ]  # fmt: skip
        if self.is_busy:
            others = (self._call, self._hold_back, self._nudge, self._prefer, self._end_term)
            kinds += [(one, 2) for one in others]
        if self.is_asking:
            kinds += [(self._ask_fact, 5), (self._say_fact, 2), (self._comment, 4)]
        for _ in range(deeds):
            [deed] = self.rng.choices([one for one, _ in kinds], [weight for _, weight in kinds])
            said = f"{self._now + _ZONE_AHEAD:%d/%m %H:%M} "
            try:
                said += deed()
            except Refusal as refusal:
                self._scene.session.rollback()
                said += f"refused: {refusal.detail}"
            self.done.append(said)
            self._pass_time()

    @property
    def _scene(self) -> Scene:
        return self.watched.scene

    @property
    def _now(self) -> datetime:
        return self._scene.clock.now().astimezone(UTC)

    def _pass_time(self) -> None:
        """Let minutes, hours or days go by: with a worker that sweeps, or while everything stands still."""
        hours = self.rng.choice([0, 0, 0.05, 0.3, 1, 3, 9, 17, 26, 50, 75, 150])
        until = self._now + timedelta(hours=hours, seconds=self.rng.randrange(50))
        is_swept = self.rng.random() < 0.6
        self.done.append(f"    {hours} hours {'with' if is_swept else 'without'} a worker")
        if is_swept:
            self.watched.run_until(until)
        else:
            self._scene.clock.advance(until - self._now)

    def _move(self) -> str:
        session, office = self._scene.session, self._scene.office
        numbers = self._numbers()
        last = "nothing"
        for _ in range(_TRIES):
            part, action = self.rng.choice(PARTS), self.rng.choice(MOVES)
            number = self.rng.choice(numbers)
            last = f"{part} {action} {number}"
            try:
                office.act(part, number, action, self._now, **self._words(action))
            except Refusal:
                session.rollback()
                continue
            return last
        return f"{last} and {_TRIES} others refused"

    def _words(self, action: str) -> dict[str, object]:
        if action in {"return", "request_info", "answer_info", "hold", "withdraw"}:
            return {"comment": "Theo văn bản nào?"}
        return {"decision": PAPER} if action == "approve" and self.rng.random() < 0.2 else {}

    def _new(self) -> str:
        code = f"X{len(self.done):03}"
        add_people(self._scene.session, [NewPerson(code, f"Kiểm sát viên {code}", AG)])
        self._scene.session.commit()
        number = self._scene.office.draft(self._now, person_code=code).nomination_id
        if self.rng.random() < 0.8:
            self._scene.office.act("nominator", number, "submit", self._now)
        return f"new nomination {number}"

    def _away(self) -> str:
        who, *others = self.rng.sample(PARTS[:5], 3)
        ids = self._scene.office.ids
        first = (self._now + _ZONE_AHEAD).date() + timedelta(days=self.rng.randrange(4))
        last = first + timedelta(days=self.rng.randrange(9))
        instead = [ids[one] for one in others[: self.rng.randrange(3)] if ids[one] != ids[who]]
        new = NewAbsence(ids[who], first, last, None, instead)
        announce_absence(self._scene.session, actor=None, new=new, via=Via.CLI, now=self._now)
        return f"{who} away {first} to {last} for {others}"

    def _back(self) -> str:
        found = self._scene.session.scalars(select(Absence.id).where(Absence.ended_at.is_(None))).all()
        if not found:
            return "nobody is away"
        end_absence(
            self._scene.session, actor=None, absence_id=self.rng.choice(found), via=Via.CLI, now=self._now
        )
        return "somebody is back"

    def _ask_date(self) -> str:
        day = (self._now + _ZONE_AHEAD).date() + timedelta(days=self.rng.randrange(1, 9))
        wanted = ProposeDate(self.rng.choice(self._numbers()), day, "Chờ xác minh.")
        asker = self._scene.office.actor(self.rng.choice(PARTS), self._now)
        propose_date(self._scene.session, actor=asker, wanted=wanted, via=Via.WEB, now=self._now)
        return f"{day} asked for {wanted.nomination_id}"

    def _give_date(self) -> str:
        found = self._scene.session.execute(_ASKED).all()
        if not found:
            return "nothing is asked for"
        one = self.rng.choice(found)
        wanted = MoreTime(one.nomination_id, proposal_id=one.id)
        giver = self._scene.office.actor(self.rng.choice(PARTS), self._now)
        give_more_time(self._scene.session, actor=giver, wanted=wanted, via=Via.WEB, now=self._now)
        return f"the date asked for {one.nomination_id} is given"

    def _extend(self) -> str:
        day = (self._now + _ZONE_AHEAD).date() + timedelta(days=self.rng.randrange(2, 12))
        units = self.rng.choice([(AG,), (DT,), (AG, DT)])
        extend = Extend(ROUND_ASKED, RoundDate.UNIT_DEADLINE, day, "Bão số 3.", units)
        extend_round(self._scene.session, actor=None, extend=extend, via=Via.CLI, now=self._now)
        return f"round until {day} for {units}"

    def _days_off(self) -> str:
        day = (self._now + _ZONE_AHEAD).date() + timedelta(days=self.rng.randrange(1, 8))
        self._scene.session.rollback()
        Desk(self._scene.session, self._now).take(
            "calendar", f"ngày,loại,tên,căn cứ\n{day:%d/%m/%Y},nghỉ,Bão,CĐ {len(self.done)}\n"
        )
        count_anew(self.database, self._scene.clock)
        return f"{day} off"

    def _call(self) -> str:
        day = (self._now + _ZONE_AHEAD).date()
        about: dict[str, Any] = {"nomination_id": self.rng.choice(self._numbers())}
        if self.rng.random() < 0.3:
            about = {"round_code": ROUND_ASKED, "unit_code": self.rng.choice([AG, DT])}
        call = Call(day, "Bà Hoa", "Sẽ gửi.", day + timedelta(days=self.rng.randrange(1, 5)), **about)
        who = self.rng.choice([*PARTS, "supervisor"])
        actor = self._scene.office.actor(who, self._now)
        note_call(self._scene.session, actor=actor, call=call, via=Via.WEB, now=self._now)
        return f"{who} telephoned about {about}, calls again {call.follow_up_on}"

    def _hold_back(self) -> str:
        coming = select(Rung.id).where(Rung.kind == RungKind.ESCALATE, Rung.fire_at > self._now)
        found = self._scene.session.scalars(coming.order_by(Rung.fire_at, Rung.ordinal)).all()
        if not found:
            return "no escalation comes"
        hold = HoldBack(self.rng.choice(found[:4]), self.rng.randrange(1, 3), "Bão")
        actor = self._scene.office.actor("supervisor", self._now)
        hold_escalation(self._scene.session, actor=actor, hold=hold, via=Via.WEB, now=self._now)
        return f"escalation held back for {hold.days} days"

    def _nudge(self) -> str:
        number = self.rng.choice(self._numbers())
        who = self.rng.choice(["supervisor", "head", "unit_head"])
        actor = self._scene.office.actor(who, self._now)
        nudge(
            self._scene.session, actor=actor, nomination_id=number, words="Đề nghị sớm cho ý kiến.",
            via=Via.WEB, now=self._now,
        )  # fmt: skip
        return f"{who} nudged {number}"

    def _prefer(self) -> str:
        who = self.rng.choice([*PARTS, "supervisor"])
        chosen: dict[str, Any] = self.rng.choice([
            {"pace": "at_once"}, {"pace": "digest", "digest_at": time(11, 0)}, {"digest_at": time(15, 30)},
            {"quiet_from": time(12), "quiet_until": time(0)},
            {"quiet_from": time(18), "quiet_until": time(9)},
        ])  # fmt: skip
        session, account_id = self._scene.session, self._scene.office.ids[who]
        session.execute(delete(MailPreference).where(MailPreference.account_id == account_id))
        if chosen.get("quiet_until") == time(9):
            chosen |= {"digest_at": time(9, 30)}
        session.execute(insert(MailPreference).values(account_id=account_id, **chosen))
        session.commit()
        return f"{who} wants {chosen}"

    def _ask_fact(self) -> str:
        code, who = self._somebody(), self.rng.choice([*PARTS, "supervisor"])
        day = (self._now + _ZONE_AHEAD).date() + timedelta(days=self.rng.randrange(8))
        wanted = WantedFact(FactKind.GRADE, self.rng.choice([2023, 2024, 2025]), day)
        actor = self._scene.office.actor(who, self._now)
        ask_fact(
            self._scene.session, actor=actor, person_code=code, wanted=wanted, via=Via.WEB, now=self._now
        )
        return f"{who} asked for {wanted.year} of {code} until {day}"

    def _say_fact(self) -> str:
        asked = select(Person.code, FactQuestion.year).join(Person, Person.id == FactQuestion.person_id)
        found = self._scene.session.execute(asked.order_by(FactQuestion.id)).all()
        if not found:
            return "no fact is asked for"
        one, who = self.rng.choice(found), self.rng.choice(PARTS)
        fact, actor = Fact(FactKind.GRADE, one.year, "good"), self._scene.office.actor(who, self._now)
        say_fact(
            self._scene.session, actor=actor, person_code=one.code, fact=fact, via=Via.WEB, now=self._now
        )
        return f"{who} said {one.year} of {one.code}"

    def _comment(self) -> str:
        number, (who, *named) = self.rng.choice(self._numbers()), self.rng.sample([*PARTS, "supervisor"], 3)
        ids, reads = self._scene.office.ids, self.rng.choice(list(Audience))
        comment = CommentDraft("Xem giúp.", reads, [ids[one] for one in named])
        actor = self._scene.office.actor(who, self._now)
        about: dict[str, Any] = {"nomination_id": number, "via": Via.WEB, "now": self._now}
        said = say(self._scene.session, actor=actor, comment=comment, **about)
        if self.rng.random() < 0.2:
            take_back(self._scene.session, actor=actor, comment_id=said.id, **about)
        return f"{who} named {named} beside {number} for {reads}: told {said.told}"

    def _somebody(self) -> str:
        codes = self._scene.session.scalars(select(Person.code).order_by(Person.id)).all()
        return self.rng.choice(codes)

    def _end_term(self) -> str:
        who = self.rng.choice(PARTS[:4])
        day = (self._now + _ZONE_AHEAD).date() + timedelta(days=self.rng.randrange(1, 9))
        key = ROLES[who][2]
        held = (Grant.account_id == self._scene.office.ids[who], Grant.key == key)
        self._scene.session.execute(update(Grant).where(*held).values(valid_to=day))
        self._scene.session.commit()
        return f"{key} of {who} ends {day}"

    def _numbers(self) -> Sequence[int]:
        return self._scene.session.scalars(select(Nomination.id).order_by(Nomination.id)).all()
