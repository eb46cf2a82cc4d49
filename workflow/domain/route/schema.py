"""The JSON Schema of a definition file, for editors that complete and check while somebody writes.

It is drawn from the models that read the file, so it knows each word they know. What makes a route of the
words (steps that are reached, roles that are declared, rungs in order) is beyond it: that is `check`.
"""

from typing import Any, Final

from workflow.domain.route.definition import SWITCHABLE, Definition
from workflow.domain.route.guards import GUARDS
from workflow.domain.route.shorthand import Shorthand
from workflow.domain.route.spelling import NAME_FORM

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NAME: Final = {"type": "string", "pattern": NAME_FORM}
_CLIMBS: Final = ("Step", "Returned", "OwedPaper", "Defaults")


def definition_schema() -> dict[str, Any]:
    """Return the schema of a definition file as people write it, with its short forms."""
    schema, short = Definition.model_json_schema(), Shorthand.model_json_schema()
    parts: dict[str, Any] = schema["$defs"] | short.pop("$defs")
    fields: dict[str, Any] = schema["properties"] | short["properties"]
    for part in _CLIMBS:
        _also(parts[part]["properties"], "ladder", {"type": "string"})
    parts["Move"]["properties"]["guards"]["items"]["enum"] = sorted(GUARDS)
    parts["Step"]["properties"]["without"]["items"] = {"enum": sorted(SWITCHABLE)}
    _also(fields["roles"], "items", _NAME)
    fields["ladders"] |= {"propertyNames": _NAME}
    fields["ladders"]["additionalProperties"]["minItems"] = 1
    return {"$schema": DIALECT} | schema | {"$defs": parts, "properties": fields}


def _also(fields: dict[str, Any], word: str, form: dict[str, Any]) -> None:
    """Let a word be spelt in a short form too."""
    fields[word] = {"anyOf": [form, fields[word]]}
