"""Row 19: a large import taken back in one step, of each kind that a sector brings by the thousand."""

from collections.abc import Iterator, Sequence
from time import perf_counter, process_time

from sqlalchemy.orm import Session

from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, Scene
from tests.support.office import AG, ROUND
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.imports.reading.columns import ImportKind
from workflow.imports.reading.sheet import read_sheet
from workflow.imports.run import import_sheet
from workflow.imports.undo import undo_last_import
from workflow.store.people import load_actor

_MOST_SECONDS = 10.0


def undo_rows(scene: Scene, *, count: int) -> list[Row]:
    """Import that many people, accounts and names on lists, and take each import back.

    The people of the names stay: they are brought in a second time and not taken back.
    """
    rows = []
    for kind, lines, is_taken_back in (
        (ImportKind.PEOPLE, _people(count), True),
        (ImportKind.ACCOUNTS, _accounts(count), True),
        (ImportKind.PEOPLE, _people(count), False),
        (ImportKind.SUBMISSION, _names(count), True),
    ):
        with scene.sessions() as session:
            actor = _who(session, scene, kind)
            sheet = read_sheet("\n".join(lines).encode(), f"{kind}.csv", kind)
            import_sheet(session, actor=actor, kind=kind, sheet=sheet, via=Via.CLI, now=NOW)
        if is_taken_back:
            rows.append(_undo(scene, kind, count))
    return rows


def _undo(scene: Scene, kind: ImportKind, count: int) -> Row:
    began, busy = perf_counter(), process_time()
    with scene.sessions() as session:
        undone = undo_last_import(session, actor=None, via=Via.CLI, now=NOW)
    seconds, busy = perf_counter() - began, process_time() - busy
    assert max(undone.removed_count, undone.withdrawn_count) >= count, undone
    return Row(
        19,
        f"undo of an import: {kind}, {count:,} rows",
        f"{seconds:.1f} s",
        f"{busy:.1f} s client CPU",
        seconds,
        " s",
        None,
        _MOST_SECONDS,
        less_is_better=True,
    )


def _who(session: Session, scene: Scene, kind: ImportKind) -> Actor | None:
    if kind is not ImportKind.SUBMISSION:
        return None
    return load_actor(session, scene.accounts["nominator"], today=NOW.date())


def _people(count: int) -> Sequence[str]:
    return ["code;name;unit", *(f"UN{number:06};Cán bộ số {number};{AG}" for number in range(count))]


def _accounts(count: int) -> Sequence[str]:
    lines = (f"un{number:06}@example.vn;Cán bộ số {number};" for number in range(count))
    return ["email;name;grants", *lines]


def _names(count: int) -> Sequence[str]:
    return ["round;unit;number;person;awards;achievement;proposer", *_lines(count)]


def _lines(count: int) -> Iterator[str]:
    for number in range(count):
        paper = f"{1 + number // 100}/TTr"
        yield f"{ROUND};{AG};{paper};UN{number:06};CSTDCS;Hoàn thành xuất sắc nhiệm vụ.;Trần Thị Bích"
