"""Why a name is left as it is, in words: of one that was sent, and of one that cannot be."""

from collections.abc import Collection, Mapping

from api.catalogue import say
from api.edge import request_now, request_session
from api.pages.identity import current_actor, current_locale
from api.pages.refusals import why_left
from api.wording import message_of
from workflow.domain.only import spell_runs
from workflow.operations.nominations.answers import ItemResult
from workflow.queries.nominations.filters import NominationFilters
from workflow.queries.nominations.nominations import list_nominations
from workflow.queries.votes.waiting_names import WaitingName


def why_not(item: ItemResult, locale: str) -> str:
    """Return what stood against a name that was sent, every rule that said no; empty where none did."""
    if item.refused is None:
        return ""
    return why_left(item.refused, locale)


def refusals_of(one: WaitingName) -> str:
    """Return why nothing can be entered for a name that waits."""
    locale = current_locale()
    said = [say(locale, "decide.look_asked")] if one.is_asked else []
    return " ".join([*said, *(message_of(reason, locale) for reason in one.refusals)])


def names_of(ids: Collection[int]) -> Mapping[int, tuple[str, str]]:
    """Return name and award of nominations that do not wait here any more, as far as they are seen."""
    if not ids:
        return {}
    found = list_nominations(
        request_session(),
        actor=current_actor(),
        filters=NominationFilters(only=spell_runs(sorted(ids))),
        limit=len(ids),
        cursor=None,
        now=request_now(),
    )
    return {one.id: (one.subject, one.award.title.text(current_locale())) for one in found.items}
