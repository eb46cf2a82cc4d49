"""The source tree as the architecture tests read it: files, imports, and the dotted names that code uses."""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("workflow", "tasks", "api")
IGNORED = frozenset({".git", ".venv", ".venv-peers", ".commendo", ".bench", ".screenshots", "__pycache__"})


def python_files(*folders: str) -> list[Path]:
    """Return every Python file under the folders (or single files) named from the root, in a stable order."""
    found: list[Path] = []
    for folder in folders or PACKAGES:
        path = ROOT / folder
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [path for path in found if not IGNORED & set(path.relative_to(ROOT).parts)]


def project_files() -> list[Path]:
    """Return every file that belongs to the project: what git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - git is on PATH
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / name.decode() for name in listed.stdout.split(b"\0") if name]
    else:
        files = [path for path in ROOT.rglob("*") if not IGNORED & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in files if path.is_file())


def text_files() -> list[Path]:
    """Return those of the project's files that hold text."""
    return [path for path in project_files() if b"\0" not in path.read_bytes()[:8000]]


def found_in(paths: Iterable[Path], check: Callable[[Path], object]) -> dict[str, object]:
    """Return what a check finds in which of the files, those without a finding left out.

    One test over all files: a thousand of them, one for each file, take a minute to be set up and torn down.
    """
    return {short(path): found for path in paths if (found := check(path))}


def short(path: Path) -> str:
    """Return the file's path from the root, as it is named in messages and in lists of exceptions."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(module: ast.Module) -> dict[str, str]:
    """Return what each imported name of a module stands for, as a full dotted name."""
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.split(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """Return the full dotted name that an expression refers to, or None when it is not a plain name."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, names)
        return f"{base}.{node.attr}" if base else None
    return None


def references(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every imported dotted name that the module refers to, called or not, with its line."""
    names = imported_names(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute | ast.Name):
            full = dotted(node, names)
            if full:
                yield full, node.lineno


def docstrings(module: ast.Module) -> set[int]:
    """Return the identities of the constants that are docstrings."""
    found: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def strings(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every string of the module that is not a docstring, with its line."""
    skipped = docstrings(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield node.value, node.lineno
