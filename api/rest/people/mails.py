"""How your mails come, and where copies of a unit's mails go, over JSON."""

from apiflask import APIBlueprint
from flask import Response

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.mails import MailboxChoice, MailChoice
from api.permissions import Permission, permission
from api.rest.answers import answer, described
from workflow.domain.vocabulary import Via
from workflow.operations.people.mail_preferences import choose_mails
from workflow.operations.people.mailboxes import choose_mailbox
from workflow.queries.mail.mailboxes import MailboxView, mailbox_of
from workflow.queries.mail.preferences import mail_preferences

mails = APIBlueprint("mails", __name__, tag="Work and reference data")


@mails.get("/me/mails")
@mails.output(described(MailChoice, "MailPreferences"))
@permission(Permission.SIGNED_IN)
def read_choice() -> Response:
    """Read how your mails come: what you chose, and where you chose nothing what the installation says."""
    return _choice()


@mails.put("/me/mails")
@mails.input(MailChoice)
@mails.output(described(MailChoice, "MailPreferences"))
@permission(Permission.SIGNED_IN)
def choose(json_data: MailChoice) -> Response:
    """Say how your mails come; only those of information can be switched off."""
    actor, session, now = bearer_actor(), request_session(), request_now()
    choose_mails(session, actor=actor, chosen=json_data.chosen(), via=Via.API, now=now)
    edge().wake()
    return _choice()


@mails.get("/units/<unit_code>/mailbox")
@mails.output(described(MailboxView, "Mailbox"))
@permission(Permission.SIGNED_IN)
def read_mailbox(unit_code: str) -> Response:
    """Read to which mailbox the letters about work to the people of a unit are copied."""
    return _mailbox(unit_code)


@mails.put("/units/<unit_code>/mailbox")
@mails.input(MailboxChoice)
@mails.output(described(MailboxView, "Mailbox"))
@permission(Permission.SIGNED_IN)
def choose_unit_mailbox(unit_code: str, json_data: MailboxChoice) -> Response:
    """Have them copied to an address, or with null to none; for the unit's head and administrators."""
    choose_mailbox(
        request_session(),
        actor=bearer_actor(),
        unit_code=unit_code,
        mailbox=json_data.mailbox or "",
        via=Via.API,
        now=request_now(),
    )
    return _mailbox(unit_code)


def _choice() -> Response:
    office = edge().settings.mail_preferences
    chosen = mail_preferences(request_session(), actor=bearer_actor(), office=office)
    return answer(MailChoice, MailChoice.of(chosen))


def _mailbox(unit_code: str) -> Response:
    found = mailbox_of(request_session(), actor=bearer_actor(), unit_code=unit_code, now=request_now())
    return answer(MailboxView, found)
