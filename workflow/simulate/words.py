"""What the people of a made-up season write."""

from typing import Final

ACHIEVEMENTS: Final = tuple(
    """
Hoàn thành xuất sắc nhiệm vụ được giao; tỷ lệ giải quyết hồ sơ đúng hạn đạt 100%.
Có một sáng kiến được công nhận ở cấp cơ sở và đang áp dụng tại đơn vị.

Hoàn thành tốt nhiệm vụ; trực tiếp giải quyết 46 hồ sơ, không để quá hạn.
Hướng dẫn nghiệp vụ cho hai cán bộ mới; tham gia đầy đủ các phong trào thi đua của đơn vị.

Dẫn đầu phong trào thi đua của đơn vị; kiến nghị phòng ngừa vi phạm được chấp nhận, thực hiện.
Chấp hành tốt chủ trương, pháp luật; tích cực học tập, nâng cao trình độ.

Số hóa 1.250 hồ sơ lưu trữ, rút ngắn thời gian tra cứu từ ba ngày xuống còn một buổi.
Nội bộ đoàn kết; không có đơn thư khiếu nại, tố cáo.

Giải quyết 100% đơn thuộc thẩm quyền trong thời hạn; chất lượng hồ sơ được cấp trên đánh giá tốt.
Tổ chức ba buổi rút kinh nghiệm cho toàn đơn vị.
""".strip().split("\n\n")
)
MENDED: Final = " Bổ sung: có bảng số liệu kèm theo và xác nhận của đơn vị."
COMMENTS: Final = {
    "dossier_incomplete": "Hồ sơ thiếu bản xác nhận sáng kiến, báo cáo chưa có xác nhận; đề nghị bổ sung.",
    "achievement_unclear": "Thành tích nêu còn chung chung; đề nghị nêu rõ số liệu và tài liệu chứng minh.",
    "standard_not_met": "Chưa đủ tiêu chuẩn, điều kiện theo quy định của danh hiệu này.",
    "under_verification": "Đang xác minh đơn phản ánh; tạm dừng xét cho đến khi có kết luận.",
}
QUESTIONS: Final = (
    "Sáng kiến nêu trong báo cáo được công nhận theo quyết định nào? Đề nghị ghi rõ số, ngày.",
    "Đề nghị giải trình số liệu giải quyết hồ sơ: báo cáo và bảng tổng hợp của đơn vị chưa khớp.",
)
ANSWERS: Final = (
    "Đơn vị đã đối chiếu; số, ngày của quyết định và bảng tổng hợp ghi tại báo cáo thành tích là đúng.",
    "Số liệu trong báo cáo tính đến ngày lập tờ trình; đơn vị xác nhận và chịu trách nhiệm.",
)
EXTENSION: Final = "Mưa lũ kéo dài làm gián đoạn việc họp bình xét tại các đơn vị này; đề nghị của đơn vị."
