"""The kinds of paper by name: what each is called, what it is for, and to what it may be attached.

Where a required one is looked for is the business of `paper_kinds`; a unit may attach its own minutes to a
single name as well. Source of the kinds: Decree 91/2017, articles 49 and 50; Decree 98/2023, articles 40, 42.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflow.domain.vocabulary import PaperKind


class PaperRoot(StrEnum):
    """What a paper is attached to: a nomination, a unit's submission, or what the unit owes a round."""

    NOMINATION = "nomination"
    SUBMISSION = "submission"
    EXPECTED_RETURN = "expected_return"


@dataclass(frozen=True, slots=True)
class PaperText:
    """Words in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class PaperInfo:
    """One kind of paper: to what it may be attached, its name, and what it is for."""

    roots: frozenset[PaperRoot]
    name: PaperText
    help: PaperText


_NAME: Final = frozenset({PaperRoot.NOMINATION})
_BOTH: Final = frozenset({PaperRoot.NOMINATION, PaperRoot.SUBMISSION})
_RETURN: Final = frozenset({PaperRoot.EXPECTED_RETURN})
_ANYWHERE: Final = frozenset(PaperRoot)

PAPERS: Final[Mapping[PaperKind, PaperInfo]] = {
    PaperKind.ACHIEVEMENT_REPORT: PaperInfo(
        _NAME,
        PaperText("Báo cáo thành tích", "Achievement report"),
        PaperText(
            "Báo cáo của cá nhân, tập thể, có xác nhận của đơn vị.", "By the nominee, confirmed by the unit."
        ),
    ),
    PaperKind.INITIATIVE_CERTIFICATE: PaperInfo(
        _NAME,
        PaperText("Chứng nhận sáng kiến, đề tài", "Certificate of the initiative or study"),
        PaperText(
            "Quyết định hoặc giấy chứng nhận hiệu quả, phạm vi ảnh hưởng.", "How far its effect reaches."
        ),
    ),
    PaperKind.SUMMARY_REPORT: PaperInfo(
        _NAME,
        PaperText("Báo cáo tóm tắt thành tích", "Summary of achievements"),
        PaperText("Bản tóm tắt nêu rõ việc làm, công trạng.", "The deed and its merit in short."),
    ),
    PaperKind.PROPOSAL: PaperInfo(
        _BOTH,
        PaperText("Tờ trình", "Signed proposal"),
        PaperText("Tờ trình kèm danh sách đề nghị, đã ký, đóng dấu.", "Signed, with the list of names."),
    ),
    PaperKind.MEETING_MINUTES: PaperInfo(
        _BOTH,
        PaperText("Biên bản họp bình xét", "Minutes of the unit's meeting"),
        PaperText("Biên bản họp xét của đơn vị.", "Of the unit's own assessment."),
    ),
    PaperKind.CLUSTER_MINUTES: PaperInfo(
        _BOTH,
        PaperText("Biên bản bình xét, suy tôn của Cụm (Khối)", "Minutes of the cluster"),
        PaperText("Kết quả bình xét, suy tôn của Cụm (Khối).", "What the cluster found."),
    ),
    PaperKind.COUNCIL_MINUTES: PaperInfo(
        _BOTH,
        PaperText("Biên bản họp Hội đồng", "Minutes of the council"),
        PaperText("Biên bản họp Hội đồng Thi đua - Khen thưởng.", "Of the council's session."),
    ),
    PaperKind.BALLOT_RESULT: PaperInfo(
        _BOTH,
        PaperText("Kết quả bỏ phiếu", "Result of the ballot"),
        PaperText("Biên bản kiểm phiếu của Hội đồng.", "The council's counted votes."),
    ),
    PaperKind.DECISION: PaperInfo(
        _BOTH,
        PaperText("Quyết định", "Decision"),
        PaperText("Bản chụp quyết định đã ký, đóng dấu.", "A scan of the signed decision."),
    ),
    PaperKind.ANSWER: PaperInfo(
        _RETURN,
        PaperText("Văn bản trả lời", "Signed answer"),
        PaperText(
            "Văn bản của đơn vị báo không có đề nghị trong đợt xét.", "Says that the unit proposes nothing."
        ),
    ),
    PaperKind.OTHER: PaperInfo(
        _ANYWHERE,
        PaperText("Tài liệu khác", "Another paper"),
        PaperText("Tài liệu khác có liên quan, nếu có.", "Whatever else belongs to it."),
    ),
}
"""Every kind of paper, in the order in which lists show them."""


def lies_at(kind: PaperKind, root: PaperRoot) -> bool:
    """Return whether a paper of this kind may be attached there."""
    return root in PAPERS[kind].roots
