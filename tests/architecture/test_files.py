"""What lies where, how long a file may be, and what must never be written into one."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, found_in, python_files, short, text_files, tree

MOST_LINES = 300

TOP_LEVEL_FOLDERS = {"workflow", "tasks", "api", "docs", "tests", ".ci"}

# Somebody's home or a machine's own folders: none of them exists elsewhere.
FOREIGN_PATH = re.compile(r"(?<![\w.~-])/(?:home|Users|root|mnt|opt)/[\w.-]+")
# An option of pip on a line of its own, or any address: pins say what, never from where.
SOURCE_OF_PACKAGES = re.compile(r"^-|://", re.MULTILINE)


def test_a_python_file_stays_readable_in_one_sitting():
    def too_many_lines(path):
        count = len(path.read_text(encoding="utf-8").splitlines())
        # A migration is written once and then left alone.
        return count if count > MOST_LINES and "migrations/versions" not in short(path) else 0

    files = python_files("workflow", "tasks", "api", "tests")
    assert found_in(files, too_many_lines) == {}, "each asks to be two files"


def test_a_package_says_what_it_holds_and_nothing_else():
    def is_more_than_a_docstring(path):
        return len(tree(path).body) != 1 or not ast.get_docstring(tree(path))

    packages = [path for path in python_files() if path.name == "__init__.py"]
    assert found_in(packages, is_more_than_a_docstring) == {}


def test_every_folder_with_modules_is_a_package():
    loose = {
        short(path.parent)
        for path in python_files()
        if not (path.parent / "__init__.py").exists() and not short(path).startswith("workflow/migrations")
    }
    assert loose == set()


def test_the_top_level_holds_the_folders_of_the_plan_and_no_other():
    folders = {path.relative_to(ROOT).parts[0] for path in text_files() if path.parent != ROOT}
    assert folders <= TOP_LEVEL_FOLDERS


def test_no_file_names_a_path_of_somebodys_machine():
    found = [
        f"{short(path)}:{number}: {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if path != Path(__file__).resolve() and FOREIGN_PATH.search(line)
    ]
    assert found == []


def test_no_file_has_the_marks_of_an_unfinished_merge():
    marks = re.compile(r"^(?:<{7}|>{7}|\|{7}) ", re.MULTILINE)
    found = [short(path) for path in text_files() if marks.search(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize("text", ["see /home/an/notes", 'open("/opt/somewhere/x")', "cd /Users/binh/src"])
def test_a_path_of_somebodys_machine_would_be_found(text):
    assert FOREIGN_PATH.search(text)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_names_no_index(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not SOURCE_OF_PACKAGES.search(text)
    entries = [
        entry for entry in text.replace("\\\n", " ").splitlines() if entry and not entry.startswith("#")
    ]
    assert entries
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_every_dependency_of_the_project_is_in_the_pinned_file():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
    names = {re.split(r"[\[<>=; ]", entry)[0].lower() for entry in wanted}
    pinned = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert names - pinned == set()
