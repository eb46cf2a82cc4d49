"""Rendering the templates of letters: loaded once a process, and strict about what they are given."""

from collections.abc import MutableMapping
from functools import cached_property, lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from workflow.messages import formats
from workflow.messages.typed import quoted


def render(name: str, words: dict[str, object]) -> str:
    """Return what a template says with these words."""
    return _environment().get_template(name).render(words)


class _Environment(Environment):
    """Finds a template that is loaded at once, and its words: Jinja2 looks in other places first, each time.

    It would walk a chain of dictionaries at each rendering, and seek a word of a dictionary among the methods
    of dictionaries until it meets the error: letters are written by the thousand.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template as one dictionary; nobody changes any once it is loaded."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - whatever a template names
        """Return what a template calls `obj.attribute`: of a dictionary its word, as none names a method."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja2's own name
    ) -> Template:
        """Return a template by its name."""
        loaded = self._loaded.get(name) if isinstance(name, str) else None
        if loaded is None:
            loaded = super().get_template(name, parent, globals)
            self._loaded[loaded.name or ""] = loaded
        return loaded

    @cached_property
    def _loaded(self) -> dict[str, Template]:
        return {}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = _Environment(
        loader=PackageLoader("workflow.messages", "templates"),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False, default_for_string=True),
        undefined=StrictUndefined,
        # Compiled once a process: looking at each file again and again costs more than rendering it.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(moment=formats.moment, day=formats.day, number=formats.number, quoted=quoted)
    return environment
