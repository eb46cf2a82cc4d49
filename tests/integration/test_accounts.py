"""Letting people in and out: what a grant names must exist, secrets are told once, leaving is at once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, CLUSTER, TOP, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import (
    NewAccount,
    add_account,
    disable_account,
    enable_account,
    issue_link,
    read_email,
)
from workflow.operations.people.addresses import change_person
from workflow.operations.people.bearer_tokens import issue_token
from workflow.operations.people.grants import revoke_role
from workflow.operations.people.tokens import digest
from workflow.store.access import Account, ApiToken, Grant, PasswordLink
from workflow.store.history import Event
from workflow.store.organisation import Person
from workflow.store.people import load_actor

NEW = NewAccount(
    "Bich.Tran@Example.vn",
    "Trần Thị Bích",
    "NV05",
    (f"unit_reviewer@unit:{AG}", f"cluster_head@cluster:{CLUSTER}", f"council_secretary@council:{TOP}"),
)


def add(session: Session, clock: FixedClock, new: NewAccount = NEW):
    return add_account(session, actor=None, new=new, via=Via.CLI, now=clock.now())


def test_a_new_account_holds_its_grants_and_gets_a_link(session: Session, clock: FixedClock) -> None:
    furnish(session, now=clock.now())
    issued = add(session, clock)
    actor = load_actor(session, issued.account_id, today=clock.now().date())
    assert actor is not None
    assert (actor.email, actor.keys) == ("bich.tran@example.vn", frozenset(NEW.grants))
    link = session.get_one(PasswordLink, digest(issued.secret))
    assert link.expires_at - clock.now() == timedelta(hours=72)
    actions = session.scalars(
        select(Event.action).where(Event.stream == f"account:{issued.account_id}").order_by(Event.seq)
    )
    assert list(actions) == ["add", "password_link"]


def test_every_wrong_field_is_named_and_nothing_is_written(session: Session, clock: FixedClock) -> None:
    furnish(session, now=clock.now())
    before = session.scalar(select(func.count()).select_from(Account))
    new = NewAccount(
        "an@example.vn",
        " ",
        "NV99",
        ("reviewer@unit:VKS-AG", "unit_reviewer@unit:NOPE", "admin", "council_member@council:VKS-AG"),
    )
    with pytest.raises(InvalidField) as refused:
        add(session, clock, new)
    session.rollback()
    messages = [f"{error.field}: {error.message}" for error in refused.value.errors]
    assert [message.split(";")[0] for message in messages] == [
        "name: is required",
        "person: nobody has the code 'NV99'",
        "grant: 'reviewer@unit:VKS-AG': no role 'reviewer'",
        "grant: 'unit_reviewer@unit:NOPE': there is no 'unit:NOPE'",
        "grant: 'admin' must look like unit_reviewer@unit:CODE or admin@all",
        "grant: 'council_member@council:VKS-AG': there is no 'council:VKS-AG'",
    ]
    assert session.scalar(select(func.count()).select_from(Account)) == before


def test_an_account_speaks_the_installations_language_unless_it_names_its_own(
    session: Session, clock: FixedClock
) -> None:
    furnish(session, now=clock.now())
    session.info["locale"] = "en"
    added = [
        add(session, clock, NewAccount(f"{said}@example.ac.uk", "Somebody", locale=said))
        for said in (None, "vi", "en")
    ]
    locales = [session.get_one(Account, one.account_id).locale for one in added]
    assert locales == ["en", "vi", "en"]


def test_an_unknown_role_says_how_one_comes_to_be(session: Session, clock: FixedClock) -> None:
    furnish(session, now=clock.now())
    new = NewAccount("panel@example.ac.uk", "Panel", grants=(f"panel_chair@unit:{AG}",))
    with pytest.raises(InvalidField) as refused:
        add(session, clock, new)
    assert "publish the definition that declares it first" in refused.value.errors[0].message


def test_a_role_that_only_a_definition_knows_can_be_granted(session: Session, clock: FixedClock) -> None:
    furnish(session, now=clock.now())
    issued = add(
        session, clock, NewAccount("budget@example.vn", "Budget", grants=(f"budget_owner@unit:{AG}",))
    )
    keys = session.scalars(select(Grant.key).where(Grant.account_id == issued.account_id)).all()
    assert keys == [f"budget_owner@unit:{AG}"]


@pytest.mark.parametrize("again", [NEW, NewAccount("other@example.vn", "Somebody", "NV05")])
def test_an_address_and_a_person_have_one_account(
    session: Session, clock: FixedClock, again: NewAccount
) -> None:
    furnish(session, now=clock.now())
    add(session, clock)
    with pytest.raises(Conflict, match="has an account already"):
        add(session, clock, again)


@pytest.mark.parametrize(
    "text", ["", "an", "an@", "@example.vn", "a b@example.vn", "a@x,b@y", "a\n@example.vn", "a@" + "x" * 300]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidField, match="is not one e-mail address"):
        read_email(text)


@pytest.mark.parametrize("text", ["\u200bAn@x.vn", "an@x.vn\u00a0", "\u202aan@x.vn\u202c", "an@\u00adx.vn\n"])
def test_what_nobody_sees_in_a_pasted_address_does_not_count(text: str) -> None:
    """As where somebody signs in: a sheet or a chat leaves it behind."""
    assert read_email(text) == "an@x.vn"


def test_a_new_link_ends_the_older_ones(session: Session, clock: FixedClock) -> None:
    furnish(session, now=clock.now())
    first = add(session, clock)
    second = issue_link(session, actor=None, email=first.email, via=Via.CLI, now=clock.now())
    kept = session.scalars(
        select(PasswordLink.token_hash).where(PasswordLink.account_id == first.account_id)
    ).all()
    assert kept == [digest(second.secret)]


def test_a_disabled_account_is_out_at_once_and_says_what_it_leaves(
    session: Session, clock: FixedClock
) -> None:
    office, now = furnish(session, now=clock.now()), clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "claim", now)
    issue_token(session, actor=None, email="nv02@example.vn", days=30, via=Via.CLI, now=now)
    left = disable_account(session, actor=None, email="NV02@example.vn", via=Via.CLI, now=now)
    assert left.open_work_count == 1
    assert left.empty_seats == (f"head@unit:{AG}", f"unit_reviewer@unit:{AG}")
    assert session.scalars(select(ApiToken).where(ApiToken.account_id == left.account_id)).all() == []
    assert load_actor(session, left.account_id, today=now.date()) is None
    with pytest.raises(Conflict, match="is disabled"):
        disable_account(session, actor=None, email="nv02@example.vn", via=Via.CLI, now=now)


def test_whoever_was_disabled_is_let_in_again_with_the_roles_they_still_hold(
    session: Session, clock: FixedClock
) -> None:
    """They came back, or were the wrong one; the password may be why, and is not theirs any more."""
    furnish(session, now=clock.now())
    now, email = clock.now(), "nv02@example.vn"
    with pytest.raises(Conflict, match="is not disabled"):
        enable_account(session, actor=None, email=email, via=Via.CLI, now=now)
    session.rollback()
    session.execute(update(Account).where(Account.email == email).values(password_hash="x"))
    left = disable_account(session, actor=None, email=email, via=Via.CLI, now=now)
    revoke_role(session, actor=None, email=email, key=f"unit_reviewer@unit:{AG}", via=Via.CLI, now=now)
    issued = enable_account(session, actor=None, email=email, via=Via.CLI, now=now)
    assert (issued.account_id, issued.lives) == (left.account_id, timedelta(hours=72))
    actor = load_actor(session, left.account_id, today=now.date())
    assert actor is not None
    assert f"head@unit:{AG}" in actor.keys
    assert f"unit_reviewer@unit:{AG}" not in actor.keys
    assert session.get_one(Account, left.account_id).password_hash is None


def test_an_account_that_was_tied_to_somebody_else_is_said_to_be_its_holders(
    session: Session, clock: FixedClock
) -> None:
    """Until then they are kept from another's files, and from none of their own."""
    furnish(session, now=clock.now())
    issued = add(session, clock)

    def says(code: str | None) -> None:
        change_person(session, actor=None, email=issued.email, person_code=code, via=Via.CLI, now=clock.now())

    def person() -> str | None:
        held = select(Person.code).join(Account, Account.person_id == Person.id)
        return session.scalar(held.where(Account.id == issued.account_id))

    with pytest.raises(InvalidField, match="nobody has the code 'NV99'"):
        says("NV99")
    session.rollback()
    with pytest.raises(Conflict, match="has an account already"):
        says("NV02")
    session.rollback()
    assert person() == "NV05"
    says(None)
    assert person() is None
    says("nv05")
    assert person() == "NV05"


def test_a_token_is_kept_as_its_hash_and_ends(session: Session, clock: FixedClock) -> None:
    furnish(session, now=clock.now())
    issued = issue_token(session, actor=None, email="nv01@example.vn", days=7, via=Via.CLI, now=clock.now())
    kept = session.get_one(ApiToken, digest(issued.secret))
    assert kept.expires_at == issued.expires_at == clock.now() + timedelta(days=7)
    with pytest.raises(InvalidField, match="between 1 and 366"):
        issue_token(session, actor=None, email="nv01@example.vn", days=0, via=Via.CLI, now=clock.now())
    with pytest.raises(NotFound):
        issue_token(session, actor=None, email="nobody@example.vn", days=7, via=Via.CLI, now=clock.now())


def test_only_an_administrator_changes_accounts(session: Session, clock: FixedClock) -> None:
    office, now = furnish(session, now=clock.now()), clock.now()
    with pytest.raises(Forbidden):
        add_account(session, actor=office.actor("supervisor", now), new=NEW, via=Via.WEB, now=now)
    added = add_account(session, actor=office.actor("admin", now), new=NEW, via=Via.WEB, now=now)
    assert added.email == "bich.tran@example.vn"
