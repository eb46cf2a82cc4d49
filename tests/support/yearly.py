"""The small sector on the yearly route: its standing body and cluster's deputy, lists and papers as rows."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, CLUSTER, DT, ROUND, TOP, Office, furnish, yearly_awards
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.setup.organise import NewPerson, add_people
from workflow.store.access import Account, Grant
from workflow.store.attachments import Attachment
from workflow.store.awards import Round
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.submissions import Submission

OF_THE_NAME = ("achievement_report", "initiative_certificate")
OF_THE_LIST = ("proposal", "meeting_minutes", "cluster_minutes")
_MORE = {
    "appraiser": ("NV31", TOP, f"appraiser@council:{TOP}"),
    "cluster_deputy": ("NV06", AG, f"cluster_deputy@cluster:{CLUSTER}"),
}


def furnish_yearly(session: Session, *, now: datetime) -> Office:
    """Set up the small sector with awards on the yearly route and the two seats that it has more."""
    return make_yearly(furnish(session, now=now), now)


def make_yearly(office: Office, now: datetime) -> Office:
    """Put a small sector that stands already on the yearly route."""
    session = office.session
    yearly_awards(session)
    for part, (code, unit, key) in _MORE.items():
        person_id = add_people(session, [NewPerson(code, f"Người giữ {part}", unit)])[code]
        account = Account(email=f"{code.lower()}@example.vn", name=part, person_id=person_id, created_at=now)
        session.add(account)
        session.flush()
        session.add(Grant(account_id=account.id, key=key, valid_from=date(2020, 1, 1)))
        office.ids[part] = account.id
        session.flush()
        append_event(session, f"account:{account.id}", "add", actor=None, via=Via.CLI, now=now)
    session.commit()
    return office


def collective_draft(office: Office, award: str, now: datetime, *, unit: str = AG) -> int:
    """Have a unit's nominator propose the unit itself."""
    part = {AG: "nominator", DT: "other_nominator"}[unit]
    office.ids["nominator"], kept = office.ids[part], office.ids["nominator"]
    nomination_id = office.draft(now, award_code=award, unit_code=unit, person_code=None).nomination_id
    office.ids["nominator"] = kept
    return nomination_id


def attach(office: Office, now: datetime, *kinds: str, **root: int) -> list[UUID]:
    """Attach stubs of papers to a nomination or a submission and return their ids."""
    rows = [
        Attachment(
            id=uuid4(),
            kind=kind,
            filename=f"{kind}.pdf",
            secret_number="01/M",
            secret_place="Két sắt",
            uploaded_by=office.ids["nominator"],
            uploaded_at=now,
            **root,
        )
        for kind in kinds
    ]
    office.session.add_all(rows)
    office.session.commit()
    return [row.id for row in rows]


def list_in_paper(
    office: Office, nomination_id: int, now: datetime, *, papers: tuple[str, ...] = OF_THE_LIST
) -> int:
    """Put a nomination on the list of a signed paper of its unit and return the submission's id."""
    session = office.session
    nomination = session.get_one(Nomination, nomination_id)
    submission = Submission(
        round_id=nomination.round_id,
        unit_id=nomination.unit_id,
        decider=nomination.decider,
        number=f"{nomination_id}/TTr",
        signed_on=now.date(),
        signer="Phạm Thị Hoa",
        version=1,
        created_by=nomination.created_by,
        created_at=now,
    )
    session.add(submission)
    session.flush()
    session.execute(
        update(Nomination).where(Nomination.id == nomination_id).values(submission_id=submission.id)
    )
    attach(office, now, *papers, submission_id=submission.id)
    return submission.id


def complete(office: Office, nomination_id: int, now: datetime) -> int:
    """Give a nomination every paper the catalogue knows and a list; return the submission's id."""
    attach(office, now, *OF_THE_NAME, nomination_id=nomination_id)
    return list_in_paper(office, nomination_id, now)


def round_and_unit(session: Session, unit: str) -> tuple[int, int]:
    """Return the ids of the small sector's round and of a unit."""
    row = session.execute(
        select(Round.id, Unit.id).select_from(Round).join(Unit, Unit.code == unit).where(Round.code == ROUND)
    ).one()
    return row[0], row[1]
