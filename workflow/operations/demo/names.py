"""Invented people: parts of names typed here, put together by a fixed seed, the same on every machine.

Nobody real is meant; whoever shares a name with somebody here does so by chance.
"""

from collections.abc import Iterator
from random import Random
from typing import Final

_SEED: Final = 20260101
_FAMILY: Final = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương", "Lý", "Đinh", "Lưu",
    "Tạ", "Quách", "Thái",
)  # fmt: skip
_MIDDLE: Final = {
    "f": ("Thị", "Ngọc", "Thu", "Thanh", "Bích", "Kim", "Diệu"),
    "m": ("Văn", "Đức", "Quốc", "Hữu", "Xuân", "Công", "Khắc"),
}
_GIVEN: Final = {
    "f": (
        "Chi", "Dung", "Hà", "Hạnh", "Hoa", "Hương", "Lan", "Liên", "Linh", "Mai", "Nga", "Oanh", "Phượng",
        "Quyên", "Tâm", "Thảo", "Thúy", "Trang", "Vân", "Yến",
    ),
    "m": (
        "Bách", "Cường", "Dũng", "Đạt", "Giang", "Hải", "Hiệp", "Khánh", "Lâm", "Long", "Nam", "Phong",
        "Quân", "Sơn", "Thắng", "Tiến", "Toàn", "Tuấn", "Việt", "Vinh",
    ),
}  # fmt: skip


def invented_names() -> Iterator[str]:
    """Yield names without end, each once, in an order that never changes."""
    chance = Random(_SEED)  # noqa: S311 - the same people on every machine; nothing secret hangs on it
    seen: set[str] = set()
    while True:
        kind = chance.choice("fm")
        name = " ".join((chance.choice(_FAMILY), chance.choice(_MIDDLE[kind]), chance.choice(_GIVEN[kind])))
        if name not in seen:
            seen.add(name)
            yield name
