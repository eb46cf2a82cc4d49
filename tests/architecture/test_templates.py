"""Every kind of mail exists whole, in both languages."""

import re

import pytest

from tests.architecture.source import ROOT, short
from workflow.domain.vocabulary import NoticeKind

TEMPLATES = ROOT / "workflow/messages/templates"
LOCALES = ("vi", "en")
PARTS = ("subject", "txt", "html")
# What letters have in common, and the letter about several things, which the code asks for by its name.
SHARED = "shared"
USED = re.compile(r'{% (?:extends|from) "(shared/[^"]+)"')
PLACEHOLDER = re.compile(r"{{-?\s*([\w.]+)")


@pytest.mark.parametrize("notice", list(NoticeKind))
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("part", PARTS)
def test_every_notice_has_every_part_in_both_languages(notice, locale, part):
    template = TEMPLATES / notice / f"{locale}.{part}"
    assert template.is_file(), f"{short(template)} is missing"
    assert template.read_text(encoding="utf-8").strip(), f"{short(template)} is empty"


def test_every_template_belongs_to_a_notice_or_is_shared():
    assert [path.name for path in TEMPLATES.iterdir() if path.is_file()] == []
    folders = {path.name for path in TEMPLATES.iterdir()}
    assert folders == {SHARED, *map(str, NoticeKind)}


def test_every_shared_template_is_used():
    names = {path.relative_to(TEMPLATES).as_posix() for path in (TEMPLATES / SHARED).iterdir()}
    composed = {name for name in names if name.startswith((f"{SHARED}/many.", f"{SHARED}/digest."))}
    used = {name for path in TEMPLATES.rglob("*.*") for name in USED.findall(path.read_text("utf-8"))}
    assert names - composed == used


@pytest.mark.parametrize("notice", list(NoticeKind))
@pytest.mark.parametrize("part", PARTS)
def test_both_languages_of_a_notice_tell_the_same_facts(notice, part):
    told = [
        set(PLACEHOLDER.findall((TEMPLATES / notice / f"{locale}.{part}").read_text(encoding="utf-8")))
        for locale in LOCALES
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*")) if TEMPLATES.is_dir() else [], ids=short)
def test_no_template_switches_escaping_off(path):
    if path.is_file():
        assert "|safe" not in path.read_text(encoding="utf-8").replace(" ", "")
