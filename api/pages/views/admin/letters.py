"""Every kind of letter as it would look, written about somebody who does not exist."""

from datetime import datetime, time, timedelta
from typing import Final

from flask import abort, make_response, request, url_for
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import edge, request_now
from api.pages.identity import current_locale
from api.pages.routes import allow_frame, pages
from api.pages.views.admin.door import administrator
from api.pages.views.mails import LETTER_POLICY
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.eligibility.facts import FactKind
from workflow.domain.notices import FACTS_TO_SAY, FACTS_TOLD
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.action_links import CODE_MINUTES
from workflow.messages.compose import (
    LOCALES,
    Letter,
    LetterFacts,
    LetterItem,
    StuckWork,
    compose,
)
from workflow.messages.phrases import asked_fact_words
from workflow.messages.standing_in import StandingIn

_DUE_IN: Final = timedelta(days=7)
_DUE: Final = time(17)
_ABOUT_DATES: Final = (NoticeKind.DATE_PROPOSED, NoticeKind.DATE_REFUSED)


@pages.get("/admin/letters")
@permission(Permission.SIGNED_IN)
def sample_letters() -> str:
    """List every kind of letter with its subject, in the language chosen."""
    administrator()
    language = _language()
    letters = [(kind, _written(kind, language).subject) for kind in NoticeKind]
    return render("admin/letters.html", letters=letters, language=language, languages=LOCALES)


@pages.get("/admin/letters/<kind>")
@permission(Permission.SIGNED_IN)
def sample_letter(kind: str) -> str:
    """Show one kind of letter as text and as it looks."""
    administrator()
    allow_frame()
    language, notice = _language(), _notice(kind)
    letter = _written(notice, language)
    return render("admin/letter.html", notice=notice, letter=letter, language=language, languages=LOCALES)


@pages.get("/admin/letters/<kind>/html")
@permission(Permission.SIGNED_IN)
def sample_letter_html(kind: str) -> Response:
    """Answer its HTML alone, for the frame on its page; it can run and fetch nothing."""
    administrator()
    response = make_response(_written(_notice(kind), _language()).html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    return response


def _notice(kind: str) -> NoticeKind:
    if kind not in set(NoticeKind):
        abort(404)
    return NoticeKind(kind)


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LOCALES else current_locale()


def _written(notice: NoticeKind, language: str) -> Letter:
    """Return a letter of a kind about what does not exist, composed by what composes every letter."""
    base_url = edge().settings.base_url
    facts = LetterFacts(
        recipient_name=_sample(language, "holder"),
        items=(_item(notice, language, base_url + url_for("pages.work")),),
        office_name=_sample(language, "office"),
        officer_name=_sample(language, "officer"),
        officer_telephone="024 3825 0000",
        base_url=base_url,
        subject_tag=edge().settings.mail_tag,
        preferences_url=base_url + url_for("pages.my_mails"),
        written_on=request_now().astimezone(edge().settings.zone).date(),
        stuck=StuckWork(3, 1, base_url + url_for("pages.obstacles")),
    )
    return compose(notice, language, facts)


def _item(notice: NoticeKind, language: str, url: str) -> LetterItem:
    """Return what any letter may tell of: each kind takes of it what it says.

    A date that was asked for is told in every kind where there is one, so only where it is what it is about.
    """
    now = request_now().astimezone(edge().settings.zone)
    due_at = datetime.combine(now.date() + _DUE_IN, _DUE, now.tzinfo)
    asked_on = due_at.date() + _DUE_IN
    return LetterItem(
        nomination_id=1,
        subject_name=_sample(language, "person"),
        award_name=asked_fact_words(FactKind.GRADE, now.year, language)
        if notice in FACTS_TO_SAY | FACTS_TOLD
        else _sample(language, "award"),
        unit_name=_sample(language, "unit"),
        step_label=_sample(language, "step"),
        url=url,
        due_at=due_at,
        working_days_left=5,
        reason_label=_sample(language, "reason"),
        comment=_sample(language, "comment"),
        actor_name=_sample(language, "officer"),
        holder_name=_sample(language, "holder"),
        decision_number="125/2026",
        decided_on=now.date(),
        signer=_sample(language, "officer"),
        was_due_at=due_at - _DUE_IN,
        submission_number="12/2026",
        told_on=now.date(),
        holder_office=_sample(language, "unit"),
        holder_telephone="0296 385 0000",
        question=_sample(language, "comment"),
        code="428613",
        code_until=now + timedelta(minutes=CODE_MINUTES),
        proposed_on=asked_on if notice in _ABOUT_DATES else None,
        lapsed_on=asked_on if notice is NoticeKind.DATE_LAPSED else None,
        is_own=True,
        stands_in=StandingIn(now.date(), due_at.date(), is_whole=True),
    )


def _sample(language: str, part: str) -> str:
    return say(language, f"letters.sample_{part}")
