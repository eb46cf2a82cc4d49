"""A small sector to test in: one top unit, two units in a cluster, and everybody a nomination meets."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.support.databases import written_once
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import StreamEvent, append_each
from workflow.operations.nominations.commands import Command, Outcome
from workflow.operations.nominations.decide import decide
from workflow.operations.nominations.nominate import Draft, create
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.setup.organise import (
    NewPerson,
    NewUnit,
    add_council,
    add_people,
    add_units,
    unit_ids,
)
from workflow.store.access import Account, Grant
from workflow.store.awards import Award, AwardEdition
from workflow.store.catalogue import shipped_awards
from workflow.store.locked import read_nominations
from workflow.store.organisation import Cluster, ClusterMember
from workflow.store.people import load_actor

ROUND = "2026-NAM"
TOP, AG, DT = "VKSTC", "VKS-AG", "VKS-DT"
CLUSTER = f"2026/{TOP}/1"
ROLES = {
    "nominator": ("NV01", AG, f"nominator@unit:{AG}"),
    "reviewer": ("NV02", AG, f"unit_reviewer@unit:{AG}"),
    "deputy": ("NV03", AG, f"unit_deputy@unit:{AG}"),
    "unit_head": ("NV02", AG, f"head@unit:{AG}"),
    "other_nominator": ("NV11", DT, f"nominator@unit:{DT}"),
    "other_reviewer": ("NV12", DT, f"unit_reviewer@unit:{DT}"),
    "cluster_head": ("NV13", DT, f"cluster_head@cluster:{CLUSTER}"),
    "secretary": ("NV21", TOP, f"council_secretary@council:{TOP}"),
    "head": ("NV22", TOP, f"head@unit:{TOP}"),
    "supervisor": ("NV23", TOP, f"supervisor@unit:{TOP}"),
    "admin": ("NV24", TOP, "admin@all"),
    "stranger": ("NV14", DT, f"unit_deputy@unit:{DT}"),
}
SHORT = frozenset({"LDTT", "TTLDTT"})
PAPER = SignedDocument(number="125/QĐ-VKSTC", signed_on=date(2026, 3, 2), signer="Nguyễn Minh Trí")


@dataclass(frozen=True, slots=True)
class Office:
    """The people of the small sector by the part they play; a second reviewer shares the first's seat."""

    ids: dict[str, int]
    session: Session

    def actor(self, part: str, now: datetime) -> Actor:
        """Return somebody as they may act today."""
        actor = load_actor(self.session, self.ids[part], today=now.date())
        assert actor is not None
        return actor

    def draft(self, now: datetime, **changes: str | None) -> Outcome:
        """Have the nominator draft a complete nomination of a colleague for Chiến sĩ thi đua cơ sở."""
        draft = Draft(
            round_code=ROUND,
            award_code="CSTDCS",
            unit_code=AG,
            person_code="NV04",
            achievement="Hoàn thành xuất sắc nhiệm vụ; có sáng kiến được công nhận.",
            proposer="Trần Thị Bích",
        )
        actor = self.actor("nominator", now)
        return create(self.session, actor=actor, draft=replace(draft, **changes), via=Via.API, now=now)

    def act(self, part: str, nomination_id: int, action: str, now: datetime, **request: Any) -> Outcome:
        """Have somebody act on a nomination at the version it has now."""
        actor = self.actor(part, now)
        locked = read_nominations(self.session, [nomination_id], actor=actor, now=now)[nomination_id]
        assignee_id = request.pop("assignee_id", None)
        command = Command(
            nomination_id=nomination_id,
            version=locked.facts.version,
            request=MoveRequest(action=action, **request),
            via=Via.API,
            assignee_id=assignee_id,
        )
        return decide(self.session, actor=actor, command=command, now=now)


def furnish(session: Session, *, now: datetime) -> Office:
    """Set up the small sector with an open round and return its people.

    Its awards run on the routes without a unit's paper; `yearly_awards` brings back those that ship.
    """
    ids = written_once(session, ("office", now), lambda: tuple(write_office(session, now).items()))
    return Office(dict(ids), session)


def write_office(session: Session, now: datetime) -> dict[str, int]:
    """Write what `furnish` sets up, and return the accounts of its people by part."""
    plain_awards(session)
    add_units(
        session,
        [
            NewUnit(TOP, "Viện kiểm sát nhân dân tối cao", None, "Lê Văn Tâm", "024 3825 5058"),
            NewUnit(AG, "VKSND tỉnh An Giang", TOP, "Phạm Thị Hoa", "0296 385 2345"),
            NewUnit(DT, "VKSND tỉnh Đồng Tháp", TOP),
        ],
        valid_from=date(2020, 1, 1),
    )
    names = ["Trần Thị Bích", "Nguyễn Văn An", "Lý Thị Cúc", "Đặng Quốc Dũng", "Huỳnh Tấn Phát"]
    people = [NewPerson(f"NV{n:02}", name, AG, "Kiểm sát viên") for n, name in enumerate(names, 1)]
    people += [NewPerson(f"NV{n}", f"Người số {n}", DT) for n in (11, 12, 13, 14)]
    people += [NewPerson(f"NV{n}", f"Cán bộ {n}", TOP) for n in (21, 22, 23, 24)]
    person_ids = add_people(session, people)
    _add_cluster(session)
    add_council(session, unit_code=TOP, name="Hội đồng Thi đua - Khen thưởng ngành")
    accounts = _add_accounts(session, person_ids, now)
    session.commit()
    open_round(session, actor=None, new=NewRound(ROUND, "Đợt xét năm 2026", 2026, TOP), via=Via.CLI, now=now)
    return accounts


def _add_cluster(session: Session) -> None:
    """Put both units into the cluster of the year, without the officers that an operation asks for."""
    ids = unit_ids(session)
    cluster = Cluster(code=CLUSTER, year=2026, owner_unit_id=ids[TOP], number=1, name="Cụm thi đua số 1")
    session.add(cluster)
    session.flush()
    for code in (AG, DT):
        session.add(
            ClusterMember(cluster_id=cluster.id, unit_id=ids[code], year=2026, owner_unit_id=ids[TOP])
        )


def plain_awards(session: Session) -> None:
    """Give every award one more edition, newer than those that ship: no papers, on the two plain routes."""
    _add_editions(
        session, lambda code: {"workflow_key": "simplified" if code in SHORT else "standard"}, "PLAIN"
    )


def yearly_awards(session: Session) -> None:
    """Give every award one more edition, newer still, that asks for what ships and runs on `annual`."""
    shipped = {award.code: award for award in shipped_awards()}
    _add_editions(
        session,
        lambda code: {
            "workflow_key": shipped[code].workflow_key,
            "papers": list(shipped[code].papers),
            "vote_percent": shipped[code].vote_percent,
        },
        "YEARLY",
    )


def _add_editions(session: Session, asks: Callable[[str], dict[str, object]], regime: str) -> None:
    rows = session.execute(
        select(AwardEdition, Award.code)
        .join(Award, Award.id == AwardEdition.award_id)
        .order_by(AwardEdition.award_id, AwardEdition.valid_from, AwardEdition.id)
    ).all()
    newest = {code: edition for edition, code in rows}
    kept = ("award_id", "name_vi", "name_en", "subject_kind", "level", "valid_from")
    copies = [
        {name: getattr(edition, name) for name in kept}
        | {"papers": [], "vote_percent": None, "regime": regime, "content_hash": f"{regime}:{code}"}
        | {"valid_to": None}
        | asks(code)
        for code, edition in newest.items()
    ]
    session.execute(insert(AwardEdition), copies)


def _add_accounts(session: Session, person_ids: dict[str, int], now: datetime) -> dict[str, int]:
    emails = {part: f"{code.lower()}@example.vn" for part, (code, _, _) in ROLES.items()}
    new: dict[str, dict[str, object]] = {}
    for part, (code, _, _) in ROLES.items():
        named = {"email": emails[part], "name": f"{part} {code}"}
        new.setdefault(code, named | {"person_id": person_ids[code], "created_at": now})
    returning = insert(Account).returning(Account.email, Account.id, sort_by_parameter_order=True)
    rows = session.execute(returning, list(new.values()))
    found = {row.email: row.id for row in rows}
    ids = {part: found[email] for part, email in emails.items()}
    grants = [
        {"account_id": ids[part], "key": key, "valid_from": date(2020, 1, 1)}
        for part, (_, _, key) in ROLES.items()
    ]
    session.execute(insert(Grant), grants)
    told = [StreamEvent(f"account:{account_id}", "add", {}) for account_id in sorted(found.values())]
    clusters = session.scalars(select(Cluster.id)).all()
    told += [StreamEvent(f"cluster:{cluster_id}", "create", {}) for cluster_id in clusters]
    append_each(session, told, actor=None, via=Via.CLI, now=now)
    return ids
