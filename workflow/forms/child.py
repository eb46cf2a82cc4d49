"""The process that fills one form: a file and what it is filled with come in, a file goes out, within limits.

It is given no secret (no setting reaches it) and opens no file but its libraries': whatever a form does to it
stays in it. What comes in and what goes out is a line of JSON with the bytes of a file behind it.
"""

import json
import resource
import signal
import sys
from typing import Any

from workflow.forms.package import demand_harmless
from workflow.forms.plain import plain_form
from workflow.forms.refused import OUT_OF_MEMORY, FormRefusedError
from workflow.forms.sheet import fill_sheet
from workflow.forms.text import fill_text


def main(cpu_seconds: int, memory_bytes: int, wall_seconds: int) -> int:
    """Fill what comes by standard input within the limits, write the answer; return the exit code."""
    # Also where whoever started it is gone: the alarm ends what waits, the limit what computes.
    signal.alarm(wall_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        head, _, content = sys.stdin.buffer.read().partition(b"\n")
        written, refused = _made(json.loads(head), content), {}
    except FormRefusedError as error:
        written, refused = b"", {"refused": error.code, "params": error.params}
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(json.dumps(refused).encode() + b"\n" + written)
    return 0


def _made(order: dict[str, Any], content: bytes) -> bytes:
    kind = order["kind"]
    if not content:
        content = plain_form(kind, order["plain"])
        if order["data"] is None:
            return content
    else:
        demand_harmless(content, kind)
    fill = fill_text if kind == "docx" else fill_sheet
    return fill(content, order["fields"], order["data"])


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:4])))
