"""Who runs the installation imports, at the instant it happens; and taking back leaves somebody who does."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.importing import Desk
from tests.support.office import AG, Office, furnish
from workflow.domain.errors import Conflict, Forbidden
from workflow.domain.vocabulary import Via
from workflow.imports.undo import undo_last_import
from workflow.operations.people.accounts import disable_account
from workflow.operations.people.grants import revoke_role
from workflow.store.access import Account, Grant
from workflow.store.imports import ImportBatch

PEOPLE = f"code,name,unit\nA1,Đỗ Thị Lan,{AG}\n"
EVERYTHING = "admin@all"


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


def address(office: Office, part: str) -> str:
    return office.session.get_one(Account, office.ids[part]).email


@pytest.mark.parametrize("is_disabled", [False, True])
def test_who_runs_the_installation_no_more_by_their_turn_imports_and_takes_back_nothing(
    office: Office, session: Session, *, is_disabled: bool
) -> None:
    actor = office.actor("admin", MONDAY)
    Desk(session, MONDAY, actor).take("people", PEOPLE)
    email = address(office, "admin")
    if is_disabled:
        disable_account(session, actor=None, email=email, via=Via.CLI, now=MONDAY)
    else:
        revoke_role(session, actor=None, email=email, key=EVERYTHING, via=Via.CLI, now=MONDAY)
    # The actor was read before: a file is read and other imports are waited for in between.
    for press in (
        lambda: Desk(session, MONDAY, actor).take("people", PEOPLE.replace("A1", "A2")),
        lambda: undo_last_import(session, actor=actor, via=Via.WEB, now=MONDAY),
    ):
        with pytest.raises(Forbidden):
            press()
        session.rollback()
    assert session.scalar(select(func.count()).select_from(ImportBatch)) == 1
    assert session.scalars(select(ImportBatch.undone_at)).all() == [None]


def test_who_came_to_run_the_installation_by_a_file_does_not_take_it_back_as_the_last_one(
    office: Office, session: Session
) -> None:
    session.execute(update(Account).values(password_hash="x"))
    session.commit()
    head = session.get_one(Account, office.ids["head"])
    Desk(session, MONDAY).take("accounts", f"email,name,grants\n{head.email},{head.name},{EVERYTHING}\n")
    revoke_role(session, actor=None, email=address(office, "admin"), key=EVERYTHING, via=Via.CLI, now=MONDAY)
    actor = office.actor("head", MONDAY)
    with pytest.raises(Conflict) as refused:
        undo_last_import(session, actor=actor, via=Via.WEB, now=MONDAY)
    session.rollback()
    assert [one.code for one in refused.value.reasons] == ["last_admin"]
    held = select(Grant.account_id).where(Grant.key == EVERYTHING, Grant.valid_to.is_(None))
    assert session.scalars(held).all() == [actor.account_id]
    # The command line asks nobody: whoever has it can let anybody in again.
    undo_last_import(session, actor=None, via=Via.CLI, now=MONDAY)
    assert session.scalars(held).all() == []
