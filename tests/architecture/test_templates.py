"""Every kind of mail exists whole, in both languages."""

import re

import pytest

from tests.architecture.source import ROOT, short
from workflow.domain.vocabulary import NoticeKind

TEMPLATES = ROOT / "workflow/messages/templates"
LOCALES = ("vi", "en")
PARTS = ("subject", "txt", "html")
PLACEHOLDER = re.compile(r"{{-?\s*([\w.]+)")


@pytest.mark.parametrize("notice", list(NoticeKind))
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("part", PARTS)
def test_every_notice_has_every_part_in_both_languages(notice, locale, part):
    template = TEMPLATES / notice / f"{locale}.{part}"
    assert template.is_file(), f"{short(template)} is missing"
    assert template.read_text(encoding="utf-8").strip(), f"{short(template)} is empty"


def test_every_folder_of_templates_belongs_to_a_notice():
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    assert folders == {str(notice) for notice in NoticeKind}


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
