"""What is proposed for the names of a list, as the page says it: at each name, and in one line above them."""

from collections import Counter
from collections.abc import Iterable, Mapping

from api.catalogue import say
from api.pages.writing import moment
from workflow.queries.nominations.prepared import PreparedView


def said_of(prepared: PreparedView | None, *, is_plain: bool, locale: str) -> str:
    """Return what is said at a name of what was prepared for it.

    Nothing where the plain way on is proposed without a word: the line above the names says so of all.
    """
    if prepared is None or (is_plain and prepared.stands and not prepared.comment):
        return ""
    reason = prepared.reason_label.text(locale) if prepared.reason_label else ""
    told = ". ".join(filter(None, (prepared.label.text(locale), reason, prepared.comment)))
    parts = {"name": prepared.by.name, "at": moment(prepared.at, locale), "told": told}
    if prepared.again_because is not None:
        return say(locale, "prepare.was_sent_back", why=prepared.again_because, **parts)
    return say(locale, "prepare.is_void" if prepared.is_void else "prepare.proposed", **parts)


def summed_up(proposals: Iterable[PreparedView], locale: str) -> str:
    """Return in one line what is proposed for how many names, by whom and when; empty where nothing is."""
    standing = [one for one in proposals if one.stands]
    if not standing:
        return ""
    counts = Counter(one.label.text(locale) for one in standing)
    told = ", ".join(
        say(locale, "prepare.of_them", action=label, count=count) for label, count in counts.most_common()
    )
    names = ", ".join(dict.fromkeys(one.by.name for one in standing))
    at = moment(max(one.at for one in standing), locale)
    return say(locale, "prepare.summed_up", told=told, names=names, at=at)


def typed_with(
    typed: Mapping[str, str], prepared: Mapping[int, PreparedView], chosen: Mapping[int, str]
) -> dict[str, str]:
    """Return what stands in the form: what was typed, else what was prepared for what is chosen."""
    filled: dict[str, str] = {}
    for number, one in prepared.items():
        if chosen.get(number) == one.action:
            said = {"to": one.to_step, "reason": one.reason_code, "comment": one.comment}
            filled |= {f"{part}-{number}": words for part, words in said.items() if words}
    return filled | dict(typed)
