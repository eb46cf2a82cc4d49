"""A comment on a nomination: the button that sends it says who reads it."""

from collections.abc import Callable
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session
from api.inputs.nominations import NewComment
from api.pages.carry_out import carry_out, go_on
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form
from api.pages.refusals import refused_action
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.nomination import show_nomination
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.remarks import Remark
from workflow.domain.vocabulary import Via
from workflow.operations.comments.naming import CommentDraft
from workflow.operations.comments.read import mark_read
from workflow.operations.comments.say import CommentSaid, take_back
from workflow.operations.comments.say import say as say_beside

_COMMENTS = "/nominations/<int(max=9223372036854775807):nomination_id>/comments"


@pages.post(_COMMENTS)
@permission(Permission.SIGNED_IN)
def comment(nomination_id: int) -> Response | tuple[str, int]:
    """Send a comment to those whom its button names; what was typed stays where it is refused."""

    def sent() -> CommentSaid:
        said = read_typed(NewComment, request.form, required=("text", "audience"))
        return say_beside(
            request_session(),
            actor=current_actor(),
            nomination_id=nomination_id,
            comment=CommentDraft(said.text, said.audience, said.mentions),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return _answered(nomination_id, sent, _sent_words)


@pages.post(f"{_COMMENTS}/<uuid:comment_id>/withdraw")
@permission(Permission.SIGNED_IN)
def withdraw_comment(nomination_id: int, comment_id: UUID) -> Response | tuple[str, int]:
    """Take a comment of one's own back."""

    def taken() -> CommentSaid:
        return take_back(
            request_session(),
            actor=current_actor(),
            nomination_id=nomination_id,
            comment_id=comment_id,
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    return _answered(nomination_id, taken, lambda _, locale: say(locale, "comment.was_taken_back"))


@pages.post(f"{_COMMENTS}/<uuid:comment_id>/read")
@permission(Permission.SIGNED_IN)
def read_comment(nomination_id: int, comment_id: UUID) -> Response:
    """Say that I read a comment that names me: it waits in my work to do no more."""
    mark_read(
        request_session(),
        actor=current_actor(),
        nomination_id=nomination_id,
        comment_id=comment_id,
        now=request_now(),
    )
    return go_on(say(current_locale(), "comment.was_read"), "pages.work")


def _sent_words(said: CommentSaid, locale: str) -> str:
    """Say that it was sent, whom it names and told, and whom it named and does not reach."""
    parts = [say(locale, "comment.sent")]
    parts += [say(locale, "comment.told", names=", ".join(said.told))] if said.told else []
    parts += [say(locale, "comment.unheard", names=", ".join(said.unheard))] if said.unheard else []
    return " ".join(parts)


def _answered(
    nomination_id: int, done: Callable[[], CommentSaid], words: Callable[[CommentSaid, str], str]
) -> Response | tuple[str, int]:
    locale = current_locale()

    def again(refusal: Refusal) -> str:
        return show_nomination(nomination_id, refused_action(refusal, Remark.COMMENT, locale))

    return carry_out(
        done,
        done=lambda said: go_on(words(said, locale), "pages.nomination", nomination_id=nomination_id),
        again=again,
    )
