"""Each answer of a mail server, at each stage, means what RFC 5321 and the table in the manual say."""

import re
from pathlib import Path

import pytest

from tasks.replies import DialogueStage, Meaning, meaning_of

MANUAL = Path(__file__).parents[2] / "docs" / "operations.md"
ANSWERS = [
    ("sender", 250, "ok", "taken"),
    ("recipient", 251, "will forward", "taken"),
    ("recipient", 252, "cannot verify", "taken"),
    ("sender", 451, "4.3.0 later", "away"),
    ("sender", 553, "5.7.1 not yours", "away"),
    ("sender", 550, "5.1.8 bad sender", "away"),
    ("recipient", 450, "4.2.1 busy", "later"),
    ("recipient", 451, "4.7.1 greylisted", "later"),
    ("recipient", 452, "4.2.2 full", "later"),
    ("recipient", 552, "5.2.2 mailbox full", "later"),
    ("recipient", 550, "5.1.1 no such user", "refused"),
    ("recipient", 550, "no such user", "refused"),
    ("recipient", 551, "5.1.6 moved", "refused"),
    ("recipient", 553, "5.1.3 bad address", "refused"),
    ("recipient", 501, "5.1.3 bad address syntax", "refused"),
    ("recipient", 550, "5.7.1 blocked by policy", "barred"),
    ("recipient", 554, "5.7.1 <an@x.vn>: Relay access denied", "barred"),
    ("recipient", 550, "relaying denied", "barred"),
    ("recipient", 550, "5.7.10 nothing", "barred"),
    ("recipient", 550, "5.1.1 no 5.7.1 here", "refused"),
    ("recipient", 530, "5.7.0 authentication required", "away"),
    ("recipient", 535, "5.7.8 credentials", "away"),
    ("recipient", 503, "5.5.1 bad sequence", "away"),
    ("recipient", 421, "4.3.2 closing", "away"),
    ("message", 421, "4.3.2 closing", "away"),
    ("message", 451, "4.3.0 later", "later"),
    ("message", 452, "4.3.1 no room", "later"),
    ("message", 550, "5.7.1 looks like spam", "refused"),
    ("message", 550, "refused", "refused"),
    ("message", 552, "5.3.4 too big", "refused"),
    ("message", 554, "5.6.0 no", "refused"),
    ("message", 530, "5.7.0 authentication required", "away"),
    ("message", 599, "unheard of", "refused"),
    ("message", 499, "unheard of", "later"),
]


@pytest.mark.parametrize(("stage", "code", "words", "meaning"), ANSWERS)
def test_an_answer_means_what_its_stage_and_code_say(stage: str, code: int, words: str, meaning: str) -> None:
    assert meaning_of(DialogueStage(stage), code, words) is Meaning(meaning)


def test_the_manual_has_a_line_for_each_stage_and_what_follows() -> None:
    manual = MANUAL.read_text(encoding="utf-8")
    table = re.findall(r"^\| .* \| (again|dead at once|the others wait too|waits) \|", manual, re.MULTILINE)
    assert set(table) == {"again", "dead at once", "the others wait too", "waits"}
