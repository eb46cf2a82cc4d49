"""The lock as a resolver would see it: what each requirement leads to, extras and markers included.

It reads the metadata of what is installed, by Python's own reader and the reference implementation of
markers; neither wrote the lock.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

Find = Callable[[str], Distribution]


@dataclass(frozen=True)
class Lock:
    """The pins of some requirement files, as they hold on one machine."""

    pins: Mapping[NormalizedName, str]
    machine: dict[str, str]

    def holds(self, wish: Requirement) -> bool:
        """Whether a pin satisfies the wish; one for a file at an address is never satisfied."""
        pin = self.pins.get(canonicalize_name(wish.name))
        return pin is not None and wish.url is None and wish.specifier.contains(pin, prereleases=True)


def machine(**differences: str) -> dict[str, str]:
    """Return this machine's values for markers, or another's where named."""
    return {**{name: str(value) for name, value in default_environment().items()}, **differences}


def read(files: Iterable[Path], *, here: dict[str, str]) -> Lock:
    """Read pins, leaving out what their markers exclude on this machine."""
    pins = {}
    for file in files:
        for entry in file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
            text = entry.partition(" --hash")[0].strip()
            if text and not text.startswith("#"):
                pin = Requirement(text)
                if pin.marker is None or pin.marker.evaluate(here):
                    [version] = pin.specifier
                    pins[canonicalize_name(pin.name)] = version.version
    return Lock(pins, here)


def missing(wishes: Iterable[str], lock: Lock, *, find: Find = distribution) -> list[str]:
    """Return what the wishes lead to and the lock does not satisfy, each with who asks for it."""
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    todo = [("the project", wish) for wish in _wanted(wishes, (), lock)]
    while todo:
        asker, wish = todo.pop()
        if not lock.holds(wish):
            found.append(f"{asker} asks for {wish}")
            continue
        name = canonicalize_name(wish.name)
        fresh = {extra for extra in ("", *wish.extras) if (name, extra) not in seen}
        seen |= {(name, extra) for extra in fresh}
        try:
            requires = find(name).requires or []
        except PackageNotFoundError:
            # Another machine's: what it asks for is read there.
            continue
        label = f"{name}[{','.join(sorted(wish.extras))}]" if wish.extras else name
        todo += [(label, further) for further in _wanted(requires, fresh, lock)]
    return sorted(set(found))


def _wanted(requires: Iterable[str], extras: Iterable[str], lock: Lock) -> Iterator[Requirement]:
    """Yield the requirements that hold on the lock's machine, plainly or for one of the extras."""
    asked = {"", *extras, *(re.sub(r"[-_.]+", "-", extra).lower() for extra in extras)}
    for text in requires:
        wish = Requirement(text)
        if wish.marker is None or any(wish.marker.evaluate({**lock.machine, "extra": e}) for e in asked):
            yield wish
