"""The subject of a letter says what to do and by when, and calls late work late."""

import pytest

from tests.unit.test_messages import letter, several
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
        (NoticeKind.RETURNED, "vi", "[TĐKT] Trả lại để hoàn thiện: Nguyễn Văn A - Chiến sĩ thi đua cơ sở"),
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


def test_a_reminder_in_time_stays_in_the_thread_of_the_work_it_reminds_of():
    assert letter(NoticeKind.REMINDER).subject == letter(NoticeKind.WORK_OPENED).subject


@pytest.mark.parametrize(
    ("notice", "days_left", "subject"),
    [
        (
            NoticeKind.REMINDER,
            (-2,),
            "[TĐKT] Đôn đốc, quá hạn từ 17:00 thứ Ba, 9/6/2026: Người thứ 1 - Chiến sĩ thi đua cơ sở",
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
            (
                "[TĐKT] Báo cáo lãnh đạo, quá hạn từ 17:00 thứ Ba, 9/6/2026: "
                "Người thứ 1 - Chiến sĩ thi đua cơ sở"
            ),
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
