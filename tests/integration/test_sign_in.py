"""The door: what opens it, how long it stays open, and how guessing slows down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.support.office import AG, furnish
from workflow.domain.errors import InvalidField, NotFound, TooManyAttempts, Unauthenticated
from workflow.domain.vocabulary import Via
from workflow.operations.people import passwords
from workflow.operations.people import sign_in as sign_in_module
from workflow.operations.people.accounts import NewAccount, add_account, issue_link
from workflow.operations.people.bearer_tokens import issue_token, revoke_token
from workflow.operations.people.passwords import hash_password
from workflow.operations.people.sign_in import (
    link_is_open,
    note_use,
    open_session,
    sign_in,
    sign_out,
    use_password_link,
)
from workflow.operations.people.tokens import digest, new_token
from workflow.queries.account_tokens import list_tokens
from workflow.store.access import Account, ApiToken, PasswordLink, WebSession
from workflow.store.history import Event

PASSWORD = "một mật khẩu đủ dài"
EMAIL = "nv02@example.vn"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def account_id(session, clock):
    office = furnish(session, now=clock.now())
    account = session.get_one(Account, office.ids["reviewer"])
    account.password_hash = hash_password(PASSWORD)
    session.commit()
    return account.id


def enter(session, now, *, email=EMAIL, password=PASSWORD, address="192.0.2.1", device=None):
    return sign_in(session, email=email, password=password, address=address, device=device, now=now)


def used_by(session, *, token, now):
    """Return whose session a token opens, noted as used when that is due, as each request does."""
    found = open_session(session, token=token, now=now)
    if found is None:
        return None
    if found.is_due:
        note_use(session, token=token, now=now)
    return found.account_id


def test_the_right_password_opens_a_session_however_it_was_typed(session, clock, account_id):
    decomposed = "mo\u0323\u0302t mật khẩu đủ dài"
    token = enter(session, clock.now(), email="  NV02@Example.VN ", password=decomposed)
    assert used_by(session, token=token, now=clock.now()) == account_id
    assert session.scalars(select(WebSession.token_hash)).all() == [digest(token)]


@pytest.mark.parametrize(
    "attempt",
    [
        {"password": "sai mật khẩu rồi"},
        {"email": "nobody@example.vn"},
        {"email": "nv01@example.vn"},
        {"email": "\0"},
    ],
    ids=["wrong password", "unknown address", "account without a password", "not an address"],
)
def test_whatever_does_not_fit_is_refused_in_the_same_words(session, clock, account_id, attempt):
    with pytest.raises(Unauthenticated, match="do not fit together"):
        enter(session, clock.now(), **attempt)


def test_a_disabled_account_stays_outside(session, clock, account_id):
    session.get_one(Account, account_id).disabled_at = clock.now()
    session.commit()
    with pytest.raises(Unauthenticated):
        enter(session, clock.now())


def test_a_session_ends_after_half_an_hour_without_use(session, clock, account_id):
    token = enter(session, clock.now())
    for _ in range(3):
        assert used_by(session, token=token, now=clock.advance(29 * MINUTE)) == account_id
    assert used_by(session, token=token, now=clock.advance(30 * MINUTE)) is None


def test_a_session_ends_after_twelve_hours_of_use(session, clock, account_id):
    token = enter(session, clock.now())
    for _ in range(35):
        assert used_by(session, token=token, now=clock.advance(20 * MINUTE)) == account_id
    assert used_by(session, token=token, now=clock.advance(20 * MINUTE)) is None


def test_signing_out_ends_the_session_at_once(session, clock, account_id):
    token, other = enter(session, clock.now()), enter(session, clock.now())
    sign_out(session, token=token)
    assert used_by(session, token=token, now=clock.now()) is None
    assert used_by(session, token=other, now=clock.now()) == account_id


def guess(session, clock, times, **attempt):
    for _ in range(times):
        with pytest.raises(Unauthenticated):
            enter(session, clock.now(), password="sai mật khẩu rồi", **attempt)


def test_the_sixth_guess_from_an_address_waits_and_longer_each_time(session, clock, account_id):
    guess(session, clock, 5)
    waits = []
    for _ in range(8):
        with pytest.raises(TooManyAttempts) as refused:
            enter(session, clock.now())
        waits.append(int(refused.value.params["seconds"]))
        clock.advance(timedelta(seconds=waits[-1]))
        guess(session, clock, 1)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_strangers_guesses_make_nobody_else_wait(session, clock, account_id):
    guess(session, clock, 5, address="198.51.100.7")
    with pytest.raises(TooManyAttempts):
        enter(session, clock.now(), address="198.51.100.7")
    for _ in range(16):
        assert enter(session, clock.now())
    with pytest.raises(TooManyAttempts):
        enter(session, clock.now(), address="198.51.100.7")


def test_guesses_from_everywhere_slow_whom_the_account_does_not_know(session, clock, account_id):
    for number in range(50):
        guess(session, clock, 1, address=f"198.51.100.{number}")
    with pytest.raises(TooManyAttempts):
        enter(session, clock.now(), address="203.0.113.1")
    assert enter(session, clock.now(), address="203.0.113.1", device="my own browser")


def test_a_known_device_waits_for_its_own_guesses_alone(session, clock, account_id):
    guess(session, clock, 5)
    guess(session, clock, 5, device="my own browser")
    with pytest.raises(TooManyAttempts):
        enter(session, clock.now(), device="my own browser")
    assert enter(session, clock.now(), device="another of mine")


def test_an_unknown_address_is_slowed_down_like_a_known_one(session, clock, account_id):
    guess(session, clock, 5, email="nobody@example.vn")
    with pytest.raises(TooManyAttempts):
        enter(session, clock.now(), email="nobody@example.vn")


def test_a_guesser_at_many_accounts_waits_too_also_within_one_ipv6_network(session, clock, account_id):
    for number in range(20):
        guess(session, clock, 1, email=f"x{number}@example.vn", address=f"2001:db8::{number:x}")
    with pytest.raises(TooManyAttempts):
        enter(session, clock.now(), address="2001:db8::ffff")
    assert enter(session, clock.now(), address="2001:db8:0:1::1")


def test_the_right_password_after_the_wait_forgives_the_wrong_ones(session, clock, account_id):
    guess(session, clock, 5)
    clock.advance(timedelta(seconds=1))
    enter(session, clock.now())
    guess(session, clock, 4)
    assert enter(session, clock.now())


def test_guesses_are_forgotten_after_a_quarter_of_an_hour(session, clock, account_id):
    guess(session, clock, 5)
    clock.advance(15 * MINUTE)
    guess(session, clock, 1)
    assert enter(session, clock.now())


@pytest.fixture
def link(session, clock, account_id):
    token = new_token()
    row = PasswordLink(token_hash=digest(token), account_id=account_id, expires_at=clock.now() + 30 * MINUTE)
    session.add(row)
    session.commit()
    return token


def test_a_link_sets_the_password_once_and_ends_every_session(session, clock, account_id, link):
    token = enter(session, clock.now())
    assert link_is_open(session, token=link, now=clock.now())
    new = "mật khẩu mới cũng đủ dài"
    assert use_password_link(session, token=link, password=new, now=clock.now()) == account_id
    assert used_by(session, token=token, now=clock.now()) is None
    assert enter(session, clock.now(), password=new)
    assert not link_is_open(session, token=link, now=clock.now())
    with pytest.raises(NotFound):
        use_password_link(session, token=link, password=new, now=clock.now())


def test_a_link_is_over_after_its_time(session, clock, link):
    clock.advance(30 * MINUTE)
    assert not link_is_open(session, token=link, now=clock.now())
    with pytest.raises(NotFound):
        use_password_link(session, token=link, password=PASSWORD, now=clock.now())


@pytest.mark.parametrize("password", ["ngắn quá", "x" * 129, EMAIL])
def test_a_bad_password_is_refused_and_the_link_stays_open(session, clock, link, password):
    with pytest.raises(InvalidField) as refused:
        use_password_link(session, token=link, password=password, now=clock.now())
    session.rollback()
    assert refused.value.errors[0].field == "password"
    assert link_is_open(session, token=link, now=clock.now())


def tokens(session, account_id):
    return session.scalars(select(ApiToken.token_hash).where(ApiToken.account_id == account_id)).all()


def test_bearer_tokens_end_with_the_password_and_a_refused_one_ends_none(session, clock, account_id, link):
    for _ in range(2):
        issue_token(session, actor=None, email=EMAIL, days=9, via=Via.CLI, now=clock.now())
    other = issue_token(session, actor=None, email="nv01@example.vn", days=9, via=Via.CLI, now=clock.now())
    with pytest.raises(InvalidField):
        use_password_link(session, token=link, password="password1234", now=clock.now())
    session.rollback()
    assert len(tokens(session, account_id)) == 2
    use_password_link(session, token=link, password="mật khẩu mới cũng đủ dài", now=clock.now())
    assert tokens(session, account_id) == []
    assert tokens(session, other.account_id) == [digest(other.secret)]
    event = session.scalars(select(Event).where(Event.action == "password_set")).one()
    assert (event.data["sessions"], event.data["tokens"]) == (0, 2)


def test_one_token_of_several_is_revoked_by_the_id_that_the_list_shows(session, clock, account_id):
    made = []
    for days in (1, 9, 30):
        made.append(issue_token(session, actor=None, email=EMAIL, days=days, via=Via.CLI, now=clock.now()))
        clock.advance(MINUTE)
    clock.advance(timedelta(days=2))
    shown = list_tokens(session, email=EMAIL.upper(), now=clock.now())
    assert [one.id for one in shown] == [digest(one.secret).hex()[:12] for one in reversed(made[1:])]
    revoke_token(session, actor=None, email=EMAIL, token=shown[0].id, via=Via.CLI, now=clock.now())
    assert list_tokens(session, email=EMAIL, now=clock.now()) == shown[1:]
    for wrong in (shown[0].id, "", "0" * 12, shown[1].id[:6]):
        with pytest.raises(NotFound):
            revoke_token(session, actor=None, email=EMAIL, token=wrong, via=Via.CLI, now=clock.now())
        session.rollback()
    with pytest.raises(NotFound):
        revoke_token(
            session, actor=None, email="nv01@example.vn", token=shown[1].id, via=Via.CLI, now=clock.now()
        )


def test_the_first_link_lives_three_days_and_one_that_was_asked_for_half_an_hour(session, clock):
    new = NewAccount("moi@example.vn", "Người mới", grants=(f"auditor@unit:{AG}",))
    furnish(session, now=clock.now())
    first = add_account(session, actor=None, new=new, via=Via.CLI, now=clock.now())
    assert first.expires_at - clock.now() == first.lives == timedelta(hours=72)

    def asked(email: str) -> timedelta:
        issued = issue_link(session, actor=None, email=email, via=Via.CLI, now=clock.now())
        life: timedelta = issued.expires_at - clock.now()
        return life

    assert asked("moi@example.vn") == timedelta(minutes=30)
    # An imported account never had one: what it gets is its first.
    assert asked("nv03@example.vn") == timedelta(hours=72)
    assert asked("nv03@example.vn") == timedelta(minutes=30)


def test_a_link_asked_for_with_a_password_lives_half_an_hour(session, clock, account_id):
    issued = issue_link(session, actor=None, email=EMAIL, via=Via.CLI, now=clock.now())
    assert issued.lives == timedelta(minutes=30)
    clock.advance(timedelta(minutes=30))
    with pytest.raises(NotFound):
        use_password_link(session, token=issued.secret, password="một câu thật dài và lạ", now=clock.now())


@pytest.mark.usefixtures("account_id")
def test_a_session_does_not_open_with_a_password_that_was_changed_meanwhile(
    session, database, clock, link, monkeypatch
):
    """The check takes its time; the old password must be no good once another was set while it ran."""

    def slow(kept, password):
        with database.sessions() as other:
            use_password_link(other, token=link, password="mật khẩu mới cũng đủ dài", now=clock.now())
        return passwords.is_right(kept, password)

    monkeypatch.setattr(sign_in_module, "is_right", slow)
    with pytest.raises(Unauthenticated):
        enter(session, clock.now())
    session.rollback()
    assert session.scalars(select(WebSession.token_hash)).all() == []
