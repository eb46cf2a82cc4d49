"""What happens in the demo: forty nominations, each a line of days and actions.

A line reads `AWARD UNIT PLACE: DAY ACTION, DAY ACTION ...`. Days are working days, 0 the last one before
today; PLACE is the person in the unit (see `cast`), or `-` where the unit itself is proposed. Whoever has the
nomination in hand acts; the drafter drafts, submits, recalls and withdraws. An action may name a step it goes
to (`return>unit_review`), and what it says after a colon: a reason's code, or the number of a paper.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# The first group lies on the desk of the demo's unit head, the second on the head's, the third on the
# secretary's, the fourth on the clusters'; the rest happens elsewhere or is over.
_LINES: Final = """
CSTDCS     1 2: -6 create, -4 submit
CSTDCS     1 3: -5 create:thin, -3 submit
LDTT       1 4: -7 create, -6 submit
TTLDXS     1 -: -4 create, -2 submit
LDTT       1 5: -6 create, -5 submit, -2 approve
CSTD_NGANH 1 6: -3 create
CSTD_NGANH 1 7: -9 create, -8 submit, -1 return:achievement_unclear
LDTT       1 3: -27 create, -26 submit, -24 approve, -22 sign:14

CSTDCS     2 2: -22 create, -21 submit, -17 approve, -9 claim, -3 approve
TTLDXS     2 -: -30 create, -28 submit, -24 approve, -17 approve, -2 approve
CSTDCS     3 2: -29 create, -27 submit, -23 approve, -9 approve

CSTDCS     4 2: -14 create, -12 submit, -5 approve
TTLDXS     4 -: -21 create, -20 submit, -16 approve, -4 approve
CSTD_NGANH 7 2: -29 create, -27 submit, -18 approve
CSTDCS     8 2: -48 create, -46 submit, -41 approve, -35 hold:under_verification

TTLDXS     3 -: -12 create, -11 submit, -4 approve
TTLDXS     5 -: -20 create, -18 submit, -12 approve
TTLDXS     9 -: -46 create, -44 submit, -38 approve
TTLDXS     8 -: -13 create, -11 submit, -5 approve, -3 claim

CSTDCS     5 0: -4 create, -2 submit
CSTDCS     10 2: -13 create, -11 submit
LDTT       11 2: -3 create, -1 submit
LDTT       9 3: -12 create, -11 submit, -7 approve
CSTDCS     2 3: -52 create, -50 submit, -47 return:dossier_incomplete, -44 edit, -44 submit,
                -41 return:achievement_unclear, -39 edit, -38 submit, -34 approve, -31 claim, -6 release
LDTT       3 3: -15 create, -14 submit, -11 approve, -1 return>unit_review:wrong_award
TTLDXS     10 -: -33 create, -31 submit, -27 approve, -20 approve, -3 return>unit_review:dossier_incomplete

CSTDCS     6 2: -44 create, -42 submit, -39 approve, -30 approve, -27 sign:121
CSTDCS     7 3: -45 create, -43 submit, -38 approve, -30 approve, -27 sign:121
TTLDXS     12 -: -47 create, -45 submit, -41 approve, -36 approve, -30 approve, -27 sign:122
CSTD_NGANH 11 3: -58 create, -57 submit, -53 approve, -45 approve, -42 sign:98
LDTT       4 3: -61 create, -60 submit, -58 approve, -57 sign:7
TTLDTT     6 -: -40 create, -40 submit, -36 approve, -33 sign:22
LDTT       12 3: -36 create, -35 submit, -31 approve, -29 sign:31

CSTDCS     9 4: -37 create, -36 submit, -33 reject:standard_not_met
TTLDXS     11 -: -43 create, -42 submit, -37 approve, -30 reject:standard_not_met
CSTDCS     12 2: -51 create, -49 submit, -45 approve, -36 reject:duplicate
LDTT       10 3: -32 create, -31 submit, -29 approve, -27 reject:wrong_award
CSTDCS     4 4: -28 create, -27 submit, -24 withdraw
LDTT       7 4: -38 create, -36 submit, -36 recall, -33 withdraw
TTLDTT     8 -: -8 create:empty
"""


@dataclass(frozen=True, slots=True)
class Deed:
    """One action of a story, so many working days from the last one before today."""

    day: int
    action: str
    to_step: str | None = None
    saying: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One nomination: the award, the unit, the person's place in it (None for the unit itself), the deeds."""

    award: str
    unit: int
    place: int | None
    deeds: tuple[Deed, ...]


def stories() -> Iterator[Story]:
    """Yield every story, in the order of the lines."""
    for line in _LINES.replace(",\n", ",").splitlines():
        if line:
            head, _, rest = line.partition(":")
            award, unit, place = head.split()
            deeds = tuple(_deed(text) for text in rest.split(","))
            yield Story(award, int(unit), None if place == "-" else int(place), deeds)


def _deed(text: str) -> Deed:
    day, _, words = text.strip().partition(" ")
    words, _, saying = words.partition(":")
    action, _, to_step = words.partition(">")
    return Deed(int(day), action, to_step or None, saying or None)


ACHIEVEMENTS: Final = tuple(
    """
Hoàn thành xuất sắc nhiệm vụ được giao; tỷ lệ giải quyết hồ sơ đúng hạn đạt 100%.
Có một sáng kiến được công nhận ở cấp cơ sở và đang áp dụng tại đơn vị.

Hoàn thành tốt nhiệm vụ; trực tiếp giải quyết 46 hồ sơ, không để quá hạn.
Hướng dẫn nghiệp vụ cho hai cán bộ mới; tham gia đầy đủ các phong trào thi đua của đơn vị.

Dẫn đầu phong trào thi đua của đơn vị; kiến nghị phòng ngừa vi phạm được chấp nhận, thực hiện.
Chấp hành tốt chủ trương, pháp luật; tích cực học tập, nâng cao trình độ.
""".strip().split("\n\n")
)
THIN_ACHIEVEMENT: Final = "Hoàn thành tốt nhiệm vụ."
MENDED: Final = " Bổ sung: có bảng số liệu kèm theo và xác nhận của đơn vị."
COMMENTS: Final = {
    "dossier_incomplete": "Hồ sơ thiếu biên bản họp xét và bản xác nhận sáng kiến; đề nghị bổ sung.",
    "achievement_unclear": "Thành tích nêu còn chung chung; đề nghị nêu rõ số liệu và tài liệu chứng minh.",
    "standard_not_met": "Chưa đủ số năm được công nhận danh hiệu theo quy định.",
    "duplicate": "Thành tích này đã được đề nghị ở danh hiệu khác trong cùng đợt xét.",
    "wrong_award": "Nội dung thành tích phù hợp với hình thức khác; đề nghị xem lại danh hiệu.",
    "under_verification": "Đang xác minh đơn phản ánh; tạm dừng xét cho đến khi có kết luận.",
}
