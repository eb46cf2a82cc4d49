"""What a definition file may say once instead of under every step: named ladders, and defaults.

A file is written out in full before anything else reads it: checks, pictures, hashes, published content and
nominations know the long form alone, and a published route needs no other place to be understood.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflow.domain.near import did_you_mean
from workflow.domain.reading import Document, Place
from workflow.domain.route.definition import REVIEW_STAGES, RungEntry
from workflow.domain.route.misread import WordsAt, misread
from workflow.domain.route.spelling import NAME_FORM, DueText
from workflow.domain.time.return_ladder import RETURN_LADDER
from workflow.domain.vocabulary import Stage

MOST_RUNGS: Final = 20
"""How many rungs a ladder that steps share may have: without a bound a small file would grow in memory."""

_NAME: Final = re.compile(NAME_FORM)
_QUOTED_LENGTH: Final = 60
_LADDERS, _DEFAULTS, _STEPS, _DUE, _LADDER = "ladders", "defaults", "steps", "due", "ladder"
_OWED: Final = "owed"

BUILT_IN: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    name: tuple(dict(zip(("at", "do", "to"), rung, strict=True)) for rung in rungs)
    for name, rungs in {
        "standard": (
            ("-2 working_days", "remind", "holder"),
            ("due", "remind", "holder"),
            ("+1 working_days", "escalate", "head"),
            ("+3 working_days", "escalate", "next_level"),
        ),
        "correction": (
            ("-2 working_days", "remind", "holder"),
            ("due", "remind", "holder"),
            ("+1 working_days", "escalate", "head"),
        ),
        "gentle": (("-1 working_days", "remind", "holder"), ("due", "remind", "holder")),
        "owed": tuple((str(rung.at), str(rung.do), str(rung.to)) for rung in RETURN_LADDER),
    }.items()
}
"""Ladders that every file may name without writing them; one of the same name in the file is the file's."""

Rungs = Annotated[tuple[RungEntry, ...], Field(max_length=MOST_RUNGS)]


class Defaults(BaseModel):
    """What counts where a step says nothing: a due for a review step, a ladder for whatever has a due."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due: DueText | None = None
    ladder: Rungs = ()


class Shorthand(BaseModel):
    """The part of a file that is gone once it is written out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ladders: dict[str, Rungs] = Field(default_factory=dict)
    defaults: Defaults = Field(default_factory=Defaults)


def written_out(document: Document, words_at: WordsAt) -> Document:
    """Return the file with every ladder and default in its step, each still at the line of the short form.

    What is wrong with the short forms is added to the problems. A file that uses none comes back as it is.
    """
    data = document.data
    if not isinstance(data, dict):
        return document
    steps = data.get(_STEPS)
    is_short = _LADDERS in data or _DEFAULTS in data
    if not is_short and not any(_names_ladder(part) for part in (*_listed(steps), data.get(_OWED))):
        return document
    return _Writing(document, data, words_at).result()


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _is_name(value: object) -> bool:
    """Tell whether a ladder is a word instead of rungs; `on` and `5` are words here like any other."""
    return isinstance(value, str | bool | int)


def _names_ladder(step: object) -> bool:
    parts = _mapping(step)
    return _is_name(parts.get(_LADDER)) or _is_name(_mapping(parts.get("returned")).get(_LADDER))


def _takes_default_due(step: Mapping[str, object]) -> bool:
    """Tell whether a step is a review step, or may be one: its stage could be misspelt."""
    stage = step.get("stage")
    return step.get("final") is not True and (stage in REVIEW_STAGES or stage not in list(Stage))


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Rungs and the place of the file at which they stand."""

    rungs: list[object]
    place: Place
    words: str


@dataclass(frozen=True, slots=True)
class _Below:
    """Lines and spellings of a place and of all inside it, by the rest of the way there."""

    lines: Mapping[Place, int]
    scalars: Mapping[Place, str]


@dataclass(slots=True)
class _Writing:
    """One file on its way from the short form to the long one."""

    document: Document
    data: dict[str, object]
    words_at: WordsAt
    full: Document = field(init=False)
    used: set[Place] = field(default_factory=set)
    _below: dict[Place, _Below] = field(default_factory=dict)

    def __post_init__(self) -> None:
        old = self.document
        self.full = Document(None, dict(old.lines), dict(old.scalars), list(old.problems))

    def result(self) -> Document:
        self._read()
        raw = self.data.get(_STEPS)
        kept: dict[str, object] = {
            word: value for word, value in self.data.items() if word not in {_LADDERS, _DEFAULTS}
        }
        if isinstance(self.data.get(_OWED), dict):
            owed = dict(_mapping(self.data[_OWED]))
            kept[_OWED] = owed
            self._climb(owed, (_OWED,))
        if isinstance(raw, list):
            kept[_STEPS] = [
                self._step(step, (_STEPS, number)) if isinstance(step, dict) else step
                for number, step in enumerate(raw)
            ]
            if all(isinstance(step, dict) for step in raw):
                self._find_unused()
        self.full.data = kept
        return self.full

    @property
    def _ladders(self) -> dict[str, object]:
        return _mapping(self.data.get(_LADDERS))

    @property
    def _defaults(self) -> dict[str, object]:
        return _mapping(self.data.get(_DEFAULTS))

    def _say(self, place: Place, message: str) -> None:
        self.full.problems.append((self.document.line(place), message))

    def _read(self) -> None:
        """Find what is wrong with the words of the short forms themselves."""
        for name, rungs in self._ladders.items():
            if rungs == []:
                self._say(
                    (_LADDERS, name), f"the ladder '{name}' has no rungs; a step has none by ladder: []"
                )
            if not _NAME.fullmatch(name):
                self._say(
                    (_LADDERS, name),
                    f"ladders: '{name[:_QUOTED_LENGTH]}' is not a name "
                    "(lower-case letters, digits and _, a letter first)",
                )
        said = {word: self.data[word] for word in (_LADDERS, _DEFAULTS) if word in self.data}
        if _DUE in self._defaults and self._defaults[_DUE] is None:
            self._say((_DEFAULTS, _DUE), "due: a period or a date of the round is expected, not nothing")
            self.used.add((_DEFAULTS, _DUE))
        if _is_name(self._defaults.get(_LADDER)):
            self._named((_DEFAULTS, _LADDER))
            said[_DEFAULTS] = {word: value for word, value in self._defaults.items() if word != _LADDER}
        try:
            Shorthand.model_validate(said)
        except ValidationError as error:
            self.full.problems += misread(error.errors(), self.document, self.words_at)

    def _step(self, step: dict[str, object], place: Place) -> dict[str, object]:
        full = dict(step)
        if self._defaults.get(_DUE) is not None and _DUE not in step and _takes_default_due(step):
            self.used.add((_DEFAULTS, _DUE))
            full[_DUE] = self._defaults[_DUE]
            self._copy((_DEFAULTS, _DUE), (*place, _DUE))
            self.full.origins[*place, _DUE] = "the default due"
        if step.get("final") is not True or _is_name(step.get(_LADDER)):
            self._climb(full, place)
        returned = step.get("returned")
        if isinstance(returned, dict):
            after = dict(returned)
            full["returned"] = after
            self._climb(after, (*place, "returned"))
        return full

    def _climb(self, timing: dict[str, object], place: Place) -> None:
        """Put the rungs under a timing that names a ladder, or that has a due and says nothing of one."""
        there = (*place, _LADDER)
        if _is_name(timing.get(_LADDER)):
            ladder = self._named(there)
        elif _LADDER in self._defaults and _LADDER not in timing and timing.get(_DUE) is not None:
            self.used.add((_DEFAULTS, _LADDER))
            ladder = self._default()
        else:
            return
        timing[_LADDER] = ladder.rungs if ladder else []
        if ladder is not None and ladder.rungs:
            self._copy(ladder.place, there)
            self.full.origins[there] = ladder.words

    def _default(self) -> _Ladder | None:
        place = (_DEFAULTS, _LADDER)
        if _is_name(self._defaults[_LADDER]):
            return self._named(place)
        return _Ladder(_readable(self._defaults[_LADDER]), place, "the default ladder")

    def _named(self, place: Place) -> _Ladder | None:
        """Return the ladder that is named at a place; of an unknown one say what was probably meant."""
        name, known = self.document.scalars[place], self._ladders
        if name in known:
            self.used.add((_LADDERS, name))
            return _Ladder(_readable(known[name]), (_LADDERS, name), f"ladder '{name}'")
        if name in BUILT_IN:
            return _Ladder([dict(rung) for rung in BUILT_IN[name]], place, f"the built-in ladder '{name}'")
        shown = name if len(name) <= _QUOTED_LENGTH else f"{name[:_QUOTED_LENGTH]}..."
        if not known:
            self._say(place, f"unknown ladder '{shown}': the file has no ladders")
            return None
        close = did_you_mean(name, known)
        # The ladder that was meant is not unused as well.
        self.used.update((_LADDERS, other) for other in known if close.endswith(f"'{other}'?"))
        there = f"{' T' if close else '; t'}here are {', '.join(known)}"
        self._say(place, f"unknown ladder '{shown}'{close}{there}")
        return None

    def _copy(self, source: Place, dest: Place) -> None:
        """Let a place that was written out be told at the lines, and in the spelling, of where it stands."""
        if source not in self._below:
            of = self.document
            self._below[source] = _Below(_inside(of.lines, source), _inside(of.scalars, source))
        below = self._below[source]
        self.full.lines.update({(*dest, *rest): line for rest, line in below.lines.items()})
        self.full.scalars.update({(*dest, *rest): written for rest, written in below.scalars.items()})

    def _find_unused(self) -> None:
        for name in self._ladders:
            if (_LADDERS, name) not in self.used:
                self._say((_LADDERS, name), f"the ladder '{name}' is used by no step")
        for word, why in ((_DUE, "every review step has its own"), (_LADDER, "every due has its own")):
            if word in self._defaults and (_DEFAULTS, word) not in self.used:
                self._say((_DEFAULTS, word), f"the default {word} counts nowhere: {why}")


_Known = TypeVar("_Known")


def _inside(known: Mapping[Place, _Known], source: Place) -> dict[Place, _Known]:
    size = len(source)
    return {at[size:]: value for at, value in known.items() if at[:size] == source}


def _readable(rungs: object) -> list[object]:
    """Return the rungs of a ladder; of one that is refused already, none."""
    listed = _listed(rungs)
    return listed if len(listed) <= MOST_RUNGS and all(isinstance(one, dict) for one in listed) else []
