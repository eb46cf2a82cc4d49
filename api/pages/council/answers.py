"""Why a name is left as it is, in words: of one that was sent, and of one that cannot be."""

from api.catalogue import say
from api.pages.identity import current_locale
from api.wording import detail_of, message_of
from workflow.operations.nominations.answers import ItemResult
from workflow.queries.votes.waiting_names import WaitingName


def why_not(item: ItemResult, locale: str) -> str:
    """Return what stood against a name that was sent, every rule that said no; empty where none did."""
    if item.refused is None:
        return ""
    said = " ".join(message_of(reason, locale) for reason in item.refused.reasons)
    return said or detail_of(item.refused.code, item.refused.detail, item.refused.params or {}, locale)


def refusals_of(one: WaitingName) -> str:
    """Return why nothing can be entered for a name that waits."""
    locale = current_locale()
    said = [say(locale, "decide.look_asked")] if one.is_asked else []
    return " ".join([*said, *(message_of(reason, locale) for reason in one.refusals)])
