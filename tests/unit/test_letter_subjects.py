"""The subject of a letter says what to do and by when, and calls late work late."""

from collections import defaultdict
from dataclasses import replace

import pytest

from tests.unit.test_messages import letter, several
from workflow.domain.notices import NOTICES
from workflow.domain.vocabulary import NoticeKind


@pytest.mark.parametrize(
    ("notice", "locale", "subject"),
    [
        (
            NoticeKind.WORK_OPENED,
            "vi",
            "[TĐKT] Cần xử lý trước 17:00 thứ Năm, 11/6/2026: Nguyễn Văn A - Chiến sĩ thi đua cơ sở",
        ),
        (
            NoticeKind.WORK_OPENED,
            "en",
            "[TĐKT] Please act before 17:00 on Thursday, 11 June 2026: Nguyễn Văn A - Chiến sĩ thi đua cơ sở",
        ),
        (
            NoticeKind.RETURNED,
            "vi",
            (
                "[TĐKT] Cần hoàn thiện và gửi lại trước 17:00 thứ Năm, 11/6/2026: "
                "Nguyễn Văn A - Chiến sĩ thi đua cơ sở"
            ),
        ),
        (NoticeKind.APPROVED, "vi", "[TĐKT] Đã có quyết định: Nguyễn Văn A - Chiến sĩ thi đua cơ sở"),
        (
            NoticeKind.REJECTED,
            "vi",
            "[TĐKT] Không đủ điều kiện, không đề nghị: Nguyễn Văn A - Chiến sĩ thi đua cơ sở",
        ),
        (
            NoticeKind.ESCALATION,
            "vi",
            "[TĐKT] Báo cáo lãnh đạo, hạn 17:00 thứ Năm, 11/6/2026: Nguyễn Văn A - Chiến sĩ thi đua cơ sở",
        ),
        (
            NoticeKind.RETURN_EXPECTED,
            "vi",
            (
                "[TĐKT] Cần gửi tờ trình, danh sách trước 17:00 thứ Năm, 11/6/2026: "
                "Nguyễn Văn A - Chiến sĩ thi đua cơ sở"
            ),
        ),
    ],
)
def test_the_subject_says_what_to_do_and_by_when(notice, locale, subject):
    assert letter(notice, locale).subject == subject


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_thread_has_one_subject_whatever_kind_of_letter_and_however_late(locale):
    """Mail programs show one conversation only where the line of subject stays the same."""
    in_time = several(2)
    late = replace(in_time, items=(replace(in_time.items[0], working_days_left=-1),))
    subjects = defaultdict[tuple[str, bool], set[str]](set)
    for kind, notice in NOTICES.items():
        if notice.thread not in {"decision", "obstacles"}:
            found = {letter(kind, locale, facts).subject for facts in (in_time, late)}
            subjects[notice.thread, kind.startswith("return_")] |= found
    assert {len(found) for found in subjects.values()} == {1}


@pytest.mark.parametrize(
    ("notice", "days_left", "subject"),
    [
        (
            NoticeKind.REMINDER,
            (-2,),
            "[TĐKT] Cần xử lý trước 17:00 thứ Ba, 9/6/2026: Người thứ 1 - Chiến sĩ thi đua cơ sở",
        ),
        (
            NoticeKind.REMINDER,
            (2, 1, 0, 3, -1),
            "[TĐKT] Nhắc việc: 5 hồ sơ, 1 quá hạn, hạn sớm nhất 17:00 thứ Tư, 10/6/2026",
        ),
        (NoticeKind.REMINDER, (2, 1), "[TĐKT] Nhắc việc: 2 hồ sơ, hạn sớm nhất 17:00 thứ Sáu, 12/6/2026"),
        (
            NoticeKind.REMINDER,
            (-2, -1, -1),
            "[TĐKT] Đôn đốc: 3 hồ sơ quá hạn, hạn sớm nhất 17:00 thứ Ba, 9/6/2026",
        ),
        (
            NoticeKind.ESCALATION,
            (-2,),
            ("[TĐKT] Báo cáo lãnh đạo, hạn 17:00 thứ Ba, 9/6/2026: Người thứ 1 - Chiến sĩ thi đua cơ sở"),
        ),
        (
            NoticeKind.ESCALATION,
            (-2, -1),
            "[TĐKT] Báo cáo lãnh đạo: 2 hồ sơ, 2 quá hạn, hạn sớm nhất 17:00 thứ Ba, 9/6/2026",
        ),
    ],
)
def test_late_work_is_called_late(notice, days_left, subject):
    assert letter(notice, "vi", several(*days_left)).subject == subject
