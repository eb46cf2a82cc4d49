"""The little of Jinja that a form may say: fields, a loop over a list, a condition; nothing of it can be run.

Every template is read before it is compiled, whatever part of the document it stands in: what is not on the
list is refused by name, and so is a field that there is none of. The sandbox stands behind it.
"""

from typing import Any, Final

from jinja2 import StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workflow.forms.refused import Fields, FormRefusedError, unknown_field

_HARMLESS: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.CondExpr, nodes.And, nodes.Or,
    nodes.Not, nodes.Compare, nodes.Operand, nodes.Const,
)  # fmt: skip
_FILTERS: Final = frozenset({"upper", "lower", "length", "count"})
_LOOP: Final = dict.fromkeys(("index", "index0", "first", "last", "length"))


class FormEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox for forms of one purpose, that knows which fields there are."""

    def __init__(self, fields: Fields) -> None:
        """Take what may be named."""
        super().__init__(autoescape=True, undefined=StrictUndefined)
        self._fields = fields
        self.is_filled = False

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        found = super()._parse(source, name, filename)
        _Check(self).walk(found, self._fields)
        return found


class _Check:
    """The walk through a template: what each name leads to, inside the loops around it."""

    def __init__(self, environment: FormEnvironment) -> None:
        self._environment = environment

    def walk(self, node: nodes.Node, known: Fields) -> None:
        if isinstance(node, nodes.Name | nodes.Getattr):
            self._environment.is_filled = True
            self._led(node, known)
            return
        if isinstance(node, nodes.For):
            self._loop(node, known)
            return
        if isinstance(node, nodes.Filter):
            if node.name not in _FILTERS or node.args or node.kwargs:
                raise FormRefusedError("not_allowed", what=f"|{node.name}")
        elif not isinstance(node, _HARMLESS):
            raise FormRefusedError("not_allowed", what=type(node).__name__)
        for child in node.iter_child_nodes():
            if isinstance(node, nodes.Output) and self._is_list(child, known):
                raise FormRefusedError("not_allowed", what=_said(child))
            self.walk(child, known)

    def _is_list(self, node: nodes.Node, known: Fields) -> bool:
        return isinstance(node, nodes.Name | nodes.Getattr) and self._led(node, known) is not None

    def _loop(self, node: nodes.For, known: Fields) -> None:
        rows = self._led(node.iter, known)
        if rows is None or not isinstance(node.target, nodes.Name) or node.recursive or node.test:
            raise FormRefusedError("not_allowed", what="for")
        inside = {**known, node.target.name: rows, "loop": _LOOP}
        for child in (*node.body, *node.else_):
            self.walk(child, inside)

    def _led(self, node: nodes.Node, known: Fields) -> Any:  # noqa: ANN401 - the fields inside, or None
        if isinstance(node, nodes.Name):
            return _found(node.name, node.name, known)
        if isinstance(node, nodes.Getattr):
            return _found(node.attr, _said(node), self._led(node.node, known) or {})
        raise FormRefusedError("not_allowed", what=type(node).__name__)


def _said(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_said(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "?"


def _found(name: str, said: str, known: Fields) -> Any:  # noqa: ANN401 - as above
    if name not in known:
        raise unknown_field(name, said, known)
    return known[name]
