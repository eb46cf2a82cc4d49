"""Subjects and addresses come back as they were meant, read by a strict reader that is not Python's."""

import json
import random
import re
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.strict_mail import NotAllowed, long_lines, read_headers, read_mailboxes, read_text
from workflow.domain.vocabulary import MailClass
from workflow.messages.addresses import UnusableAddress, ascii_address, sender_of
from workflow.messages.compose import Letter
from workflow.messages.envelope import MailNames, build

NAMES = 10_000
PARTS = 20
LONGEST = 300
WORDS = [
    *[
        "Nguyễn",
        "Trần",
        "Đặng",
        "Thị",
        "Hữu",
        "Phước",
        "Ánh",
        "Ngọc",
        "Quyết",
        "định",
        "Lao",
        "động",
        "tiên",
        "tiến",
    ],
    *[unicodedata.normalize("NFD", word) for word in ("Nguyễn", "Đặng", "Phước", "Huỳnh", "tối")],
    *[
        "Deputy",
        "Head",
        "of",
        "the",
        "Office,",
        "VKSND",
        "VKSTC-AG",
        "khu",
        "vực",
        "5,",
        "O'Brien",
        "Dr.",
        "Jr.",
    ],
    *('"', "\\", '\\"', "<x@other.example>", "x@other.example", "(note)", ";", ":", "@", ",", "[TĐKT]", "."),
    *("=?utf-8?B?eA==?=", "=?x", "?=", "=?utf-8?q?=3Cevil=40x=2Evn=3E?=", "=?iso-8859-1?q?=E9?="),
    *("👩‍👩‍👧‍👦", "🏅", "🇻🇳", "é", "ñ", "漢字", "\u00a0", "İ", "ﬀ", "Ω", "\U0001d49c"),
    *("W" * 80, "ế" * 120, "🏅" * 60, "a," * 50),
]
HARD = [
    "Tran Van An, Deputy Head of the Provincial Office of Emulation and Commendation Board",
    "Nguyen Van A <x@other.example> phu trach thi dua khen thuong toan nganh Kiem sat nhan dan",
    'a"b', "a\\", '"', "\\", ",", "<", "=?", "=?utf-8?b?eA==?= =?utf-8?b?eA==?=", "(", "a\tb", "a@b",
    "x" * 300, "ế" * 300, "🏅" * 300, "", " ", "A\r\nBcc: x@other.example", "A\nB", "A\u2028B", "a\x00b",
    "\u202eevil", "\ud800",
]  # fmt: skip


def names(seed: int, count: int) -> Iterator[str]:
    """Yield names of up to 300 characters out of words that are hard on headers."""
    chance = random.Random(seed)
    for _ in range(count):
        joint = chance.choice([" ", " ", " ", "", ", ", "-"])
        yield joint.join(chance.choices(WORDS, k=chance.randint(1, 30)))[: chance.randint(1, LONGEST)]


def subjects(seed: int, count: int) -> Iterator[str]:
    """Yield the same with blanks where a reader could lose them."""
    chance = random.Random(seed)
    for name in names(seed, count):
        yield (
            chance.choice(["", "", " ", "  "])
            + name.replace(" ", chance.choice([" ", " ", "  "]))
            + chance.choice(["", "", " "])
        )


def raw_mail(
    subject: str = "s",
    name: str = "An",
    address: str = "an@vks.example",
    sender: str = "Commendo <a@vks.example>",
) -> bytes:
    return build(
        Letter(subject, "x\n", "<p>x</p>"),
        sender=sender,
        recipient_name=name,
        recipient_address=address,
        names=MailNames("<m.1@vks.example>", "<nomination.1@vks.example>", "commendo.vks.example"),
        date=datetime(2026, 6, 4, tzinfo=UTC),
        mail_class=MailClass.TASK,
    ).octets


def printed(text: str) -> str:
    """Return what can be shown of a text: no line ends, no marks that turn the direction of letters."""
    turns = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    kept = "".join(letter for letter in text.replace("\r\n", " ") if letter not in turns)
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", " ", kept)


def check(subject: str, name: str) -> None:
    raw = raw_mail(subject, name, sender=f'"Office, {len(name)}" <a@vks.example>')
    headers = read_headers(raw)
    assert long_lines(raw) == []
    assert read_text(headers["subject"]) == printed(subject)
    [to] = read_mailboxes(headers["to"])
    assert (to.name, to.address) == (" ".join(printed(name).split()), "an@vks.example")
    assert [box.address for box in read_mailboxes(headers["from"])] == ["a@vks.example"]
    assert not {"bcc", "cc"} & set(headers)


@pytest.mark.parametrize("seed", range(PARTS))
def test_ten_thousand_subjects_and_names_come_back(seed: int) -> None:
    """In parts, so that a busy machine has time for each."""
    count = NAMES // PARTS
    for subject, name in zip(subjects(seed, count), names(PARTS + seed, count), strict=True):
        check(subject, name)


@pytest.mark.parametrize("text", HARD, ids=lambda text: ascii(text[:30]))
def test_what_is_hardest_comes_back_too(text: str) -> None:
    check(text, text)


def test_every_length_of_a_plain_and_a_marked_text_comes_back() -> None:
    """The places where a line is full are the ones that break."""
    for length in range(1, 80):
        for text in ("x" * length, "ế" * length, ("ab " * length).strip(), "a, b" * length, '"' * length):
            check(text, text[:LONGEST])


@pytest.mark.parametrize(
    "subject",
    [
        "[TĐKT] Cần xử lý trước 17:00 thứ Tư, 22/10/2025: Ngô Mai Oanh - Lao động tiên tiến",
        "[TĐKT] 8 hồ sơ chờ xử lý trước 17:00 thứ Sáu, 17/10/2025: VKSND khu vực 5, tờ trình số 15/TTr-HS-05",
    ],
)
def test_a_vietnamese_subject_keeps_the_blanks_between_its_words(subject: str) -> None:
    assert read_text(read_headers(raw_mail(subject))["subject"]) == subject


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_each_python_writes_the_same_headers(version: str) -> None:
    """The header writer alone, which needs the standard library only, in every Python that is installed."""
    other = shutil.which(f"python{version}")
    if other is None or subprocess.run([other, "-c", ""], check=False, capture_output=True).returncode:
        pytest.skip(f"no python{version} on PATH")
    program = (
        "import sys, importlib.util, json\n"
        "spec = importlib.util.spec_from_file_location('headers', sys.argv[1])\n"
        "headers = importlib.util.module_from_spec(spec); spec.loader.exec_module(headers)\n"
        "for text in json.load(sys.stdin):\n"
        "    subject = headers.text_header('Subject', text)\n"
        "    to = headers.mailbox_header('To', text, 'an@vks.example')\n"
        "    print(f'{subject.written}{to.written}\\r\\nx\\r\\n'.encode().hex())\n"
    )
    texts = [text for text in [*HARD, *names(3, 500)] if text.isprintable()]
    source = Path(sys.modules["workflow.messages.headers"].__file__ or "")
    ran = subprocess.run(
        [other, "-I", "-c", program, str(source)],
        input=json.dumps(texts), capture_output=True, text=True, check=True,
    )  # fmt: skip
    written = [bytes.fromhex(line) for line in ran.stdout.split()]
    assert len(written) == len(texts)
    for raw, text in zip(written, texts, strict=True):
        headers = read_headers(raw)
        assert read_text(headers["subject"]) == text
        assert [(box.name, box.address) for box in read_mailboxes(headers["to"])] == [
            (" ".join(text.split()), "an@vks.example")
        ]


def test_the_strict_reader_finds_the_faults_it_is_there_for() -> None:
    """A reader that takes everything would prove nothing."""
    assert len(read_mailboxes('"Tran, An" <an@vks.example>')) == 1
    for wrong in (
        "Tran Van An, Deputy <an@vks.example>",
        "A <x@other.example> B <an@vks.example>",
        "a.b <c@d>",
    ):
        with pytest.raises(NotAllowed):
            read_mailboxes(wrong)
    assert read_text("=?utf-8?b?xJHhu5luZw==?= =?utf-8?b?dGnDqm4=?=") == "độngtiên"
    assert read_text("=?utf-8?q?a_?= =?utf-8?q?b?= c") == "a b c"
    for wrong_line in (
        b"Subject: =?utf-8?b?" + b"A" * 80 + b"?=\r\n\r\n",
        b"A: b\r\n \r\n\r\n",
        b"A: \xc4\r\n\r\n",
    ):
        with pytest.raises(NotAllowed):
            read_headers(wrong_line)


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("an@vks.example", "an@vks.example"),
        ("an@bücher.example", "an@xn--bcher-kva.example"),
        ("an@Straße.example", "an@xn--strae-oqa.example"),
    ],
)
def test_a_domain_in_other_letters_is_written_as_every_server_takes_it(address: str, plain: str) -> None:
    assert ascii_address(address) == plain
    raw = raw_mail(address=address)
    assert [box.address for box in read_mailboxes(read_headers(raw)["to"])] == [plain]


def test_other_letters_before_the_at_sign_are_refused_with_their_reason() -> None:
    with pytest.raises(UnusableAddress, match="before the @"):
        ascii_address("đặng@vks.example")


@pytest.mark.parametrize(
    "address", ["", "@x.vn", "a@", "a@@x.vn", "a@x..vn", "a@-x.vn", "a@\u3002vn", "a b@x.vn", "a@đ" * 90]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UnusableAddress):
        ascii_address(address)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Commendo <a@vks.example>", "Commendo", "a@vks.example"),
        ("Office, Awards <a@vks.example>", "Office, Awards", "a@vks.example"),
        ('"Office, \\"Awards\\"" <a@vks.example>', 'Office, "Awards"', "a@vks.example"),
        ("a@vks.example", "", "a@vks.example"),
    ],
)
def test_a_sender_is_one_mailbox_whatever_its_name_holds(text: str, name: str, address: str) -> None:
    assert sender_of(text) == (name, address)
    [box] = read_mailboxes(read_headers(raw_mail(sender=text))["from"])
    assert (box.name, box.address) == (name, address)


def test_what_the_server_is_told_is_what_the_reader_sees() -> None:
    message = build(
        Letter("s", "x\n", "<p>x</p>"), sender="O, A <a@vks.example>", recipient_name="B, C",
        recipient_address="an@bücher.example", names=MailNames("<m.1@vks.example>"),
        date=datetime(2026, 6, 4, tzinfo=UTC), mail_class=MailClass.TASK,
    )  # fmt: skip
    assert (message.sender, message.recipient) == ("a@vks.example", "an@xn--bcher-kva.example")
    headers = read_headers(message.octets)
    assert [box.address for box in read_mailboxes(headers["from"])] == [message.sender]
    assert [box.address for box in read_mailboxes(headers["to"])] == [message.recipient]
