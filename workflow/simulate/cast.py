"""Putting a made-up sector into the database: units, people, accounts with their grants, the council.

Never commits. What the operations offer is used; accounts are inserted, because nobody gets a link by mail.
"""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import begin_streams
from workflow.operations.setup.organise import add_council, add_people, add_units
from workflow.simulate.sector import TOP, Sector
from workflow.store.access import Account, Grant

_BEFORE: Final = timedelta(days=800)


def assemble(session: Session, sector: Sector, *, now: datetime, today: date) -> None:
    """Add everybody and everything that was there before the first round."""
    since = today - _BEFORE
    add_units(session, sector.units, valid_from=since)
    person_ids = add_people(session, sector.people)
    add_council(session, unit_code=TOP, name="Hội đồng Thi đua - Khen thưởng tỉnh Hải Sơn")
    _add_accounts(session, sector, person_ids, now=now, since=since)


def _add_accounts(
    session: Session, sector: Sector, person_ids: dict[str, int], *, now: datetime, since: date
) -> None:
    names = {person.code: person.name for person in sector.people}
    rows = [
        {
            "email": player.email,
            "name": names[player.person_code],
            "person_id": person_ids[player.person_code],
            "created_at": now,
        }
        for player in sector.players
    ]
    statement = insert(Account).returning(Account.id, sort_by_parameter_order=True)
    ids = session.scalars(statement, rows).all()
    seated = list(zip(ids, sector.players, strict=True))
    grants = [
        {"account_id": account_id, "key": key, "valid_from": since}
        for account_id, player in seated
        for key in player.keys
    ]
    session.execute(insert(Grant), grants)
    told = {
        account_id: {"grants": list(player.keys), "person": player.person_code}
        for account_id, player in seated
    }
    begin_streams(session, "account", told, action="add", actor=None, via=Via.IMPORT, now=now)
