"""Names of one list that wait for the same until the same day: one line of the letter of a morning.

The inbox has one line for them too, and they are decided on one page.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Final

from workflow.domain.only import spell_runs
from workflow.messages import phrases

if TYPE_CHECKING:
    from workflow.messages.compose import LetterItem

_NAMED: Final = 3
# An address takes no more; the page of the whole list then shows what else waits.
_MOST_IN_ADDRESS: Final = 400
_WORDS: Final = {
    "vi": {
        "numbered": "Tờ trình số {number}",
        "unnumbered": "Danh sách của {unit}",
        "all": "Gồm: {names}",
        "some": "Gồm: {names} và {count} hồ sơ khác",
    },
    "en": {
        "numbered": "Submission no. {number}",
        "unnumbered": "List of {unit}",
        "all": "These are: {names}",
        "some": "Among them: {names} and {count} more",
    },
}


def gathered(
    items: Sequence["LetterItem"], told_of: Callable[["LetterItem"], Hashable]
) -> list[list["LetterItem"]]:
    """Return things in their order, names of one list together of which the same is told (`told_of`)."""
    found: dict[Hashable, list[LetterItem]] = {}
    for place, item in enumerate(items):
        same = (item.list_url, item.due_at, item.comment, told_of(item)) if item.list_url else place
        found.setdefault(same, []).append(item)
    return list(found.values())


def words_of_list(items: Sequence["LetterItem"], locale: str) -> dict[str, object]:
    """Return the cells of the line of such names: their list, how many they are, where they are decided."""
    first, words = items[0], _WORDS[locale]
    called = words["numbered"] if first.submission_number else words["unnumbered"]
    ids = sorted({item.nomination_id for item in items})
    only = f"?only={spell_runs(ids)}" if len(ids) <= _MOST_IN_ADDRESS else ""
    return {
        "name": called.format(number=first.submission_number, unit=first.unit_name),
        "award": phrases.nominations(len(items), locale),
        "url": first.list_url + only,
    }


def names_on_list(items: Sequence["LetterItem"], locale: str) -> str:
    """Name the first of them, and say how many more there are."""
    named = ", ".join(dict.fromkeys(item.subject_name for item in items[:_NAMED]))
    rest = len(items) - _NAMED
    return _WORDS[locale]["some" if rest > 0 else "all"].format(names=named, count=rest)
