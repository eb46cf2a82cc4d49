"""The verdicts of a run: kept as JSON lines under .faults/, and told as the table of docs/reliability.md.

`python -m tests.faults.rig.report` writes what `.faults/verdicts.jsonl` holds into the page.
"""

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.faults.rig.trial import Verdict

ROOT: Final = Path(__file__).resolve().parents[3]
KEPT: Final = ROOT / ".faults" / "verdicts.jsonl"
PAGE: Final = ROOT / "docs" / "reliability.md"
_BEGIN, _END = "<!-- table: begin -->\n", "<!-- table: end -->\n"
_ENOUGH: Final = 3
"""None bad in n trials says, at 95 %, that fewer than 3 in n are: the rule of three."""

_HEADS: Final = ("Fault", "Seen", "Actions", "Asked again", "Letters", "Copies", "Kills", "Red after")
_TAILS: Final = ("Back after", "Bad", "Bound of lost or doubled")


def keep(verdict: Verdict) -> None:
    """Add a verdict to the file of this machine."""
    KEPT.parent.mkdir(exist_ok=True)
    line = {**verdict.as_dict(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    with KEPT.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def newest(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Return the last verdict of each scenario, in the order of their first runs."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        verdict = json.loads(line)
        found[verdict["scenario"]] = verdict
    return list(found.values())


def table(verdicts: Sequence[dict[str, Any]]) -> list[str]:
    """Return the lines of the Markdown table, the sum of all last."""
    names = ("fired", "actions", "retries", "letters", "copies", "kills")
    total = {name: sum(verdict[name] for verdict in verdicts) for name in names}
    total |= {"scenario": "**all of them**", "wrong": [each for one in verdicts for each in one["wrong"]]}
    heads = [*_HEADS, *_TAILS]
    rows = [_cells(verdict) for verdict in (*verdicts, total)]
    return [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]


def machine(verdicts: Sequence[dict[str, Any]]) -> str:
    """Return in a sentence where and when they were found."""
    loads = [verdict["load"] for verdict in verdicts]
    seeds = sorted({verdict["seed"] for verdict in verdicts})
    days = sorted({verdict["at"][:10] for verdict in verdicts})
    return (
        f"Run of {' to '.join(dict.fromkeys((days[0], days[-1])))}, seed {', '.join(map(str, seeds))}, "
        f"{os.cpu_count()} cores, load {min(loads):.1f} to {max(loads):.1f}, "
        f"Python {platform.python_version()}."
    )


def _cells(verdict: dict[str, Any]) -> list[str]:
    actions = verdict["actions"]
    is_clean = not verdict["wrong"] and actions > _ENOUGH
    counts = [f"{verdict[name]:,}" for name in ("fired", "actions", "retries", "letters", "copies", "kills")]
    times = [_seconds(verdict.get(name)) for name in ("red_after", "back_after")]
    bound = f"{_ENOUGH / actions:.3%}" if is_clean else "-"
    return [verdict["scenario"], *counts, *times, str(len(verdict["wrong"])), bound]


def _seconds(found: float | None) -> str:
    return "-" if found is None else f"{found:.0f} s"


def main() -> None:
    """Write the table into the page."""
    verdicts = newest(KEPT.read_text(encoding="utf-8").splitlines())
    text = "\n".join([machine(verdicts), "", *table(verdicts), ""])
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(before + _BEGIN + text + _END + after, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
