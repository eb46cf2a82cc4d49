"""The programs of `up` in environments of their own, as on hosts of their own: another clock, another zone.

`up` starts them with the interpreter that it runs with. Here that is a script, which takes up what a file of
the program's name says before it becomes the real one.
"""

import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

NAMES: Final = ("web", "worker", "beat")
_LAUNCH: Final = "import sys; sys.executable = sys.argv.pop(1); from api.cli import main; main()"
_SCRIPT: Final = """#!/bin/sh
for name in {names}; do
  case " $* " in *" $name "*) if [ -f {folder}/"$name".sh ]; then . {folder}/"$name".sh; fi;; esac
done
exec {python} "$@"
"""


def command(folder: Path) -> list[str]:
    """Return how `commendo` is called so that the programs it starts take up what `change` says."""
    script = folder / "python"
    words = {"folder": folder, "python": sys.executable}
    quoted = {name: shlex.quote(str(word)) for name, word in words.items()}
    script.write_text(_SCRIPT.format(names=" ".join(NAMES), **quoted), encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return [sys.executable, "-P", "-c", _LAUNCH, str(script)]


def change(folder: Path, name: str, environment: Mapping[str, str]) -> None:
    """Give a program variables of its own from its next start on; none takes back those it had."""
    lines = [f"export {key}={shlex.quote(value)}\n" for key, value in environment.items()]
    (folder / f"{name}.sh").write_text("".join(lines), encoding="utf-8")
