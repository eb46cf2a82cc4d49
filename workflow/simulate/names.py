"""Invented people: parts of names typed here, put together by a seed, the same on every machine.

Nobody real is meant; whoever shares a name with somebody here does so by chance.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

# As often as here they come up, roughly as in life: a list in which every tenth is no Nguyễn looks wrong.
_FAMILY: Final = {
    "Nguyễn": 30, "Trần": 11, "Lê": 9, "Phạm": 7, "Hoàng": 5, "Vũ": 4, "Võ": 4, "Đặng": 3, "Bùi": 3, "Đỗ": 3,
    "Hồ": 2, "Ngô": 2, "Dương": 2, "Lý": 2, "Đinh": 2, "Trịnh": 1, "Đoàn": 1, "Lưu": 1, "Tạ": 1, "Quách": 1,
    "Thái": 1, "Phùng": 1, "Kiều": 1, "Cao": 1, "Tô": 1,
}  # fmt: skip
_MIDDLE: Final = {
    "f": (
        "Thị", "Ngọc", "Thu", "Thanh", "Bích", "Kim", "Diệu", "Hồng", "Minh", "Phương", "Thúy", "Mai",
        "Thị Thu", "Thị Kim",
    ),
    "m": (
        "Văn", "Đức", "Quốc", "Hữu", "Xuân", "Công", "Khắc", "Minh", "Anh", "Đình", "Trọng", "Thanh", "Viết",
        "Hoàng",
    ),
}  # fmt: skip
_GIVEN: Final = {
    "f": (
        "Chi", "Dung", "Hà", "Hạnh", "Hoa", "Hương", "Lan", "Liên", "Linh", "Mai", "Nga", "Oanh", "Phượng",
        "Quyên", "Tâm", "Thảo", "Thúy", "Trang", "Vân", "Yến", "An", "Bình", "Diệp", "Giang", "Hiền", "Hồng",
        "Loan", "Ly", "Ngân", "Nhung", "Thu", "Thư", "Trâm", "Tuyết", "Uyên", "Xuân",
    ),
    "m": (
        "Bách", "Cường", "Dũng", "Đạt", "Giang", "Hải", "Hiệp", "Khánh", "Lâm", "Long", "Nam", "Phong",
        "Quân", "Sơn", "Thắng", "Tiến", "Toàn", "Tuấn", "Việt", "Vinh", "An", "Bảo", "Chiến", "Duy", "Đông",
        "Hậu", "Hòa", "Hùng", "Khoa", "Lộc", "Nghĩa", "Phúc", "Quang", "Tài", "Thịnh", "Trung",
    ),
}  # fmt: skip


def invented_names(seed: str) -> Iterator[str]:
    """Yield names without end, each at most once in a hundred, in an order that hangs on the seed alone."""
    chance = Random(seed)  # noqa: S311 - the same people on every machine; nothing secret hangs on it
    families, weights = list(_FAMILY), list(_FAMILY.values())
    recent: list[str] = []
    while True:
        kind = chance.choice("fm")
        family = chance.choices(families, weights)[0]
        name = " ".join((family, chance.choice(_MIDDLE[kind]), chance.choice(_GIVEN[kind])))
        if name not in recent:
            recent = [*recent[-99:], name]
            yield name
