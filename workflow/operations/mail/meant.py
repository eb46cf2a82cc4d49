"""Why a promised mail is no longer sent: its work is over, or it waits for somebody else by now."""

from typing import Any, Final

from workflow.domain.eligibility.rights import saying_keys
from workflow.domain.mails.classes import MAIL_CLASSES
from workflow.domain.notices import FACTS_TO_SAY, FACTS_TOLD
from workflow.domain.rights.absence import Loan, loans_of
from workflow.domain.rights.preparing import preparing_keys
from workflow.domain.route.states import ANNULLED_STATE
from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.store.asked_facts import AskedFact
from workflow.store.correspondence import Promise

ABOUT_WORK: Final = frozenset({MailClass.TASK, MailClass.ESCALATION})
ON_HOLD: Final = "on_hold"
TAKEN: Final = "taken_by_another"
AWAY: Final = "away"
ANSWERED: Final = "answered"
READ: Final = "read"
SET_ASIDE: Final = "set_aside"
AWARD_ANNULLED: Final = "award_annulled"
_HANDS_WORK_OVER: Final = frozenset({NoticeKind.WORK_OPENED, NoticeKind.RETURNED})
_TELLS_OF_AWARD: Final = frozenset({NoticeKind.APPROVED, NoticeKind.REINSTATED})
_TELLS_TAKERS: Final = _HANDS_WORK_OVER | {NoticeKind.INFO_ANSWERED, NoticeKind.RETURN_EXPECTED}

_UNANSWERED: Final = frozenset({NoticeKind.DATE_LAPSED, NoticeKind.PREPARE_AGAIN})
"""What is told only while nobody answered what it is about."""


def reason_to_cancel(promise: Promise, *, is_stuck: bool = False) -> str | None:
    """Return why a promised mail must not go out any more, None when it still holds.

    A reminder of work that is done is worse than none; a mail about work goes only to whoever it waits for.
    `is_stuck`: something stands that its reader could help against (`digest.stuck_before`).
    Whoever set work aside has seen it: it is not told as new, but its reminders come.
    """
    if promise.notice == NoticeKind.OBSTACLES:
        return AWAY if promise.is_away else None if is_stuck else "nothing_stuck"
    loan = standing_for(promise)
    its_takers = {None, promise.account_id, loan and loan.absent.account_id}
    is_taken = promise.notice in _TELLS_TAKERS and promise.assignee_id not in its_takers
    # Whoever answers for what a unit owes is told of it whoever writes it.
    is_taken &= promise.account_id != promise.accountable_id
    is_decision = promise.mail_class == MailClass.DECISION
    ends = (promise.work_closed_at, promise.nomination_closed_at, promise.return_closed_at)
    is_named = promise.notice == NoticeKind.MENTIONED
    about_work = (
        ("work_done", any(end is not None for end in ends)),
        # On hold a nomination is talked about all the same.
        (ON_HOLD, promise.is_held and not is_named),
        (READ, is_named and promise.named_as is None),
        (TAKEN, is_taken),
        (AWAY, promise.is_away and loan is None),
        ("no_longer_entitled", not _is_meant(promise)),
        (ANSWERED, promise.notice in _UNANSWERED and not promise.is_unanswered),
        (ANSWERED, promise.fact is not None and not _tells_so_still(promise, promise.fact)),
    )
    is_of_absence = promise.notice == NoticeKind.SUBSTITUTION
    about = (promise.nomination_id, promise.expected_return_id, promise.fact)
    is_of_none = all(one is None for one in about)
    reasons = (
        (ANSWERED, _is_answered(promise)),
        (SET_ASIDE, promise.is_set_aside and promise.notice in _HANDS_WORK_OVER),
        # It was annulled before anybody was told of it, or that it stands again.
        (AWARD_ANNULLED, promise.notice in _TELLS_OF_AWARD and promise.state == ANNULLED_STATE),
        ("nothing_to_tell", is_of_none and not is_of_absence),
        ("no_longer_entitled", is_of_absence and promise.is_named is not _says_named(promise)),
        ("recipient_disabled", promise.disabled_at is not None),
        ("switched_off", promise.no_information_since is not None and is_optional(promise)),
        # Where nobody acts a decision waits for its reader as any mail does.
        (AWAY, is_decision and promise.acting_id is not None),
        *(about_work if promise.mail_class in ABOUT_WORK else ()),
    )
    return next((reason for reason, holds in reasons if holds), None)


def is_handed_on(promise: Promise, why: str | None) -> bool:
    """Tell whether a mail that must not go out for that reason is promised to whoever acts for its reader."""
    return why == AWAY and promise.acting_id is not None


def _is_answered(promise: Promise) -> bool:
    """Whether a date that was asked for waits for nobody any more: answered, replaced, or moot by now."""
    asked = str((promise.event_data or {}).get("day"))
    return promise.notice == NoticeKind.DATE_PROPOSED and asked != str(promise.asked_on)


def _tells_so_still(promise: Promise, fact: AskedFact) -> bool:
    """Whether a fact stands as the letter says: said, not said in time, or still to be said."""
    if promise.notice == NoticeKind.FACT_ANSWERED:
        return fact.is_answered
    return not fact.is_answered and (fact.is_late or promise.notice != NoticeKind.FACT_LAPSED)


def is_optional(promise: Promise) -> bool:
    """Return whether the reader of a mail may switch such mails off."""
    return MAIL_CLASSES[MailClass(promise.mail_class)].is_optional


def _is_meant(promise: Promise) -> bool:
    """Whether the reader took or answers for the work, or sits in the seat it waits in or was told as.

    Whoever stands in for somebody who does is meant as well.
    """
    if promise.fact is not None and promise.fact.is_readers:
        return False
    answers_for_it = promise.account_id in {promise.assignee_id, promise.accountable_id}
    # Who asked hears of it as long as they sit anywhere.
    if (
        promise.notice in FACTS_TOLD
        and promise.fact is not None
        and promise.fact.asked_by == promise.account_id
    ):
        return bool(promise.keys)
    is_seated = not seats_of(promise).isdisjoint(promise.keys or ())
    return answers_for_it or is_seated or standing_for(promise) is not None


def _says_named(promise: Promise) -> bool:
    """Whether a letter about an absence was promised because its reader acts in it."""
    named: Any = (promise.event_data or {}).get("substitutes", ())
    return promise.account_id in named


def seats_of(promise: Promise) -> frozenset[str]:
    """Return the keys of the seats in which the work waits, or was told of."""
    return frozenset(str(key) for key in _keys_told(promise) if key is not None)


def _keys_told(promise: Promise) -> set[object]:
    if promise.fact is not None and promise.notice in FACTS_TO_SAY:
        return set(saying_keys(promise.fact.unit_code))
    if promise.fact is not None:
        return {(promise.event_data or {}).get("asked_as")}
    if promise.notice == NoticeKind.MENTIONED:
        return {promise.named_as}
    # The question that nobody answered names the seat that was asked, not that of who asked.
    is_of_asker = promise.notice == NoticeKind.DATE_LAPSED
    told_as = None if is_of_asker else (promise.event_data or {}).get("key")
    if promise.notice == NoticeKind.PREPARE_AGAIN:
        # The work is another's: its reader fills in what they decide, from the seat they prepared in.
        return {told_as} if told_as is not None else {*preparing_keys(promise.owner_key)}
    return {promise.owner_key, told_as}


def standing_for(promise: Promise) -> Loan | None:
    """Return in whose place the reader is written to, None where it is in their own."""
    own = not seats_of(promise).isdisjoint(promise.keys or ()) or promise.account_id == promise.assignee_id
    if own and not promise.is_away:
        return None
    in_hand = {promise.assignee_id, promise.accountable_id} - {None}
    is_decided = promise.mail_class == MailClass.DECISION and promise.account_id != promise.created_by
    about = promise.fact and promise.fact.person_id
    for loan in loans_of(promise.loans, promise.account_id):
        # Who stands in for somebody hears as little as they do of what is asked about them.
        if about is not None and loan.absent.person_id == about:
            continue
        has_hands = loan.absent.account_id in in_hand and loan.covers(promise.owner_key)
        has_hands |= is_decided and loan.absent.account_id == promise.created_by
        if has_hands or not seats_of(promise).isdisjoint(loan.keys):
            return loan
    return None
