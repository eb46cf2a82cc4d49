"""Verify one exported stream of history without Commendo: `python verify.py EXPORT.json`.

Needs Python 3.11 or newer and nothing else. Reads what `commendo audit export ID` wrote, computes every hash
anew from the first event on, and says what does not fit. Exit 0: whole; 1: changed; 2: cannot be read.
"""

import hashlib
import json
import sys
from collections.abc import Iterator

CHAINED = ["stream", "seq", "actor_id", "on_behalf_of", "via", "action", "source", "dest", "reason_code"]
CHAINED += ["occurred_on", "recorded_at", "data", "text_digest"]


def check(export: dict) -> Iterator[str]:
    """Yield one sentence for each event that is not as it was written."""
    previous = bytes(32).hex()
    for number, event in enumerate(export["events"], start=1):
        place = f"{export['stream']} #{event['seq']}"
        if event["seq"] != number or event["stream"] != export["stream"]:
            yield f"{place}: an event is missing before it, or it belongs elsewhere"
        if event["hash"] != link(previous, event):
            yield f"{place}: its hash does not follow from the event and the one before it"
        yield from (f"{place}: {message}" for message in check_words(event))
        previous = event["hash"]


def link(previous: str, event: dict) -> str:
    """Return the hash that chains an event to the one before it."""
    chained = json.dumps(
        [previous, *(event[name] for name in CHAINED)],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(chained.encode()).hexdigest()


def check_words(event: dict) -> Iterator[str]:
    """Yield what is wrong with an event's words and names; both may have been erased, their digests stay."""
    if event["salt"] is None:
        return
    salt = bytes.fromhex(event["salt"])
    if event["text"] and hashlib.sha256(salt + event["text"].encode()).hexdigest() != event["text_digest"]:
        yield "its words are not those that were written"
    names = event.get("names")
    digest = names and hashlib.sha256(b"names" + salt + names.encode()).hexdigest()
    if digest != event["data"].get("names"):
        yield "the names it tells are not those that were written"


def main(arguments: list[str]) -> int:
    """Read the file that is named, or standard input for `-`, and tell the result."""
    if len(arguments) != 1:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    try:
        with open(0 if arguments[0] == "-" else arguments[0], encoding="utf-8") as file:
            export = json.load(file)
        problems = list(check(export))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        print(f"{arguments[0]} cannot be read as an export: {problem!r}", file=sys.stderr)
        return 2
    print("\n".join(problems) or f"{export['stream']}: {len(export['events'])} events, whole.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
