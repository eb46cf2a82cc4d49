"""A workbook is read by a process that may take only so much, and nothing is left of it."""

import io
import resource
import threading
import zipfile

import psutil
import pytest

from tests.support.patience import PATIENCE
from tests.support.workbooks import MAIN, PEOPLE, book, packed, raw_book, refusals
from workflow.clock import wait_for
from workflow.domain.errors import InvalidImport
from workflow.imports.reading.workbook.process import LIMITS, read_workbook
from workflow.limited import Limits

GOOD = book(PEOPLE, ["NV1", "An", "VKS-AG", "KSV"])
# Work without end in a small file: every range lies over all of the rows.
ROWS = "".join(f'<row r="{line}"><c r="A{line}"><v>1</v></c></row>' for line in range(1, 20_001))
AREA = '<mergeCell ref="A1:B20000"/>'
ENDLESS = raw_book(ROWS, after=f"<mergeCells>{AREA * 40_000}</mergeCells>")
# A comment of 46 MB packs into 46 KB.
COMMENTED = raw_book("", before=f"<!-- {'x' * (46 * 2**20)} -->")


def refused(content: bytes, limits: Limits) -> str:
    with pytest.raises(InvalidImport) as found:
        read_workbook(content, limits)
    [error] = found.value.errors
    return error.message


def test_reading_that_works_without_end_is_ended() -> None:
    assert len(ENDLESS) < 2**20
    assert refused(ENDLESS, Limits(cpu_seconds=1)) == (
        "reading it takes more than 1 s of work; keep the one sheet only"
    )


def test_reading_that_takes_too_long_is_ended_and_leaves_no_process() -> None:
    assert refused(ENDLESS, Limits(wall_seconds=1)).startswith("reading it takes ")
    assert wait_for(lambda: not _forks(), seconds=PATIENCE)


def _forks() -> list[psutil.Process]:
    """Return the processes of those that stand by for this one."""
    return [fork for one in psutil.Process().children() for fork in one.children()]


def test_reading_that_needs_too_much_memory_is_ended() -> None:
    told = refused(COMMENTED, Limits(memory_bytes=64 * 2**20))
    assert told == "reading it needs more than 64 MB of memory; keep the one sheet only"


def test_a_small_file_with_a_huge_comment_costs_a_moment() -> None:
    assert len(COMMENTED) < 2**17
    [table] = read_workbook(COMMENTED, Limits(cpu_seconds=5))
    assert table.rows == ()


def test_threads_read_side_by_side_and_our_own_limits_stay() -> None:
    before = [resource.getrlimit(one) for one in (resource.RLIMIT_CPU, resource.RLIMIT_AS)]
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(read_workbook(GOOD)[0].rows))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 4
    assert [resource.getrlimit(one) for one in (resource.RLIMIT_CPU, resource.RLIMIT_AS)] == before


def test_the_largest_workbook_that_may_be_is_read_well_within_the_limits() -> None:
    line = "<row>{}</row>".format("".join('<c t="str"><v>Nguyễn Văn An</v></c>' for _ in range(14)))
    content = raw_book(line * 19_000)
    limits = Limits(cpu_seconds=LIMITS.cpu_seconds // 2, memory_bytes=LIMITS.memory_bytes // 2)
    [table] = read_workbook(content, limits)
    assert len(table.rows) == 19_000


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]
)
@pytest.mark.parametrize(
    "harm", ["<", "<x>", "", "\x00", f'<x xmlns="{MAIN}" a="1" a="2"/>', "<!DOCTYPE a><a/>"]
)
def test_a_broken_part_is_one_line(part: str, harm: str) -> None:
    with zipfile.ZipFile(io.BytesIO(raw_book("", strings="<si/>"))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert len(refusals(packed(parts | {part: harm.encode()}))) == 1
