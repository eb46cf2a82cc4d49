"""Whether the rows of today are those that history tells of, and the other way round.

Streams are read once, in order, by `audit.py`; here each stream's facts are folded and compared in
batches with the rows, so that memory stays flat. Grants are told by two kinds of stream (the account's and
the cluster's): the newest mention of each counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import RouteUnreadable
from workflow.domain.history.attested import FACTS, StreamFacts, differences, fold
from workflow.domain.history.chain import ChainedEvent
from workflow.domain.history.wrong import Fault, Wrong
from workflow.store.access import Grant
from workflow.store.attachments import Attachment
from workflow.store.attested import KINDS, Attested, grant_row, plain, read_facts
from workflow.store.base import among
from workflow.store.definitions import load_definition
from workflow.store.history import Event
from workflow.store.nominations import Decision

_BATCH: Final = 500
_DECISION: Final = ("kind", "body", "number", "decided_on", "signer")


@dataclass(slots=True)
class _Grants:
    """The grants that history tells of: of each the rows of its newest mention."""

    newest: dict[int, tuple[datetime, dict[str, list[object]]]] = field(default_factory=dict)
    listed: dict[str, set[int]] = field(default_factory=dict)

    def note(self, stream: str, rows: Sequence[list[Any]], at: datetime) -> None:
        for row in rows:
            when, said = self.newest.get(row[0], (at, {}))
            if at >= when:
                # Of one instant are the events of one transaction: what each stream said last may be true.
                self.newest[row[0]] = (at, {**(said if at == when else {}), stream: row})
        self._forget(stream, {row[0] for row in rows}, at)

    def _forget(self, stream: str, ids: set[int], at: datetime) -> None:
        """Forget the grants that a stream's newest list does not hold any more."""
        for gone in self.listed.get(stream, set()) - ids:
            if gone in self.newest and self.newest[gone][0] <= at:
                del self.newest[gone]
        self.listed[stream] = ids


class Rows:
    """What streams have told so far, compared with the tables in batches. Yields `(stream, fault)`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stream = ""
        self._told = StreamFacts()
        self._batch: dict[str, dict[int, StreamFacts]] = {}
        self._grants = _Grants()
        self._decisions: set[int] = set()
        # A decision and in what it differs; in nothing where it is gone.
        self._seen_wrong: set[tuple[int, str]] = set()

    def take(self, event: ChainedEvent, names: str | None) -> Iterator[tuple[str, Fault]]:
        """Add one event; streams come one after the other, each in its order."""
        if event.stream != self._stream:
            self._keep()
            self._stream, self._told = event.stream, StreamFacts()
            kind = event.stream.partition(":")[0]
            if len(self._batch.get(kind, ())) >= _BATCH:
                yield from self._compare(kind)
        fold(self._told, event, names)
        facts: Any = event.data.get(FACTS, {})
        # An import that was taken back leaves no row to tell of: its grants are gone with it.
        if "grants" in facts or self._told.is_taken_back:
            self._grants.note(event.stream, facts.get("grants", ()), event.recorded_at)

    def finish(self) -> Iterator[tuple[str, Fault]]:
        """Compare what is left, then look the other way: rows that no history tells of."""
        self._keep()
        for kind in list(self._batch):
            yield from self._compare(kind)
        yield from self._without_history()
        yield from self._check_grants()
        yield from self._check_untold_decisions()

    def _keep(self) -> None:
        kind, _, name = self._stream.partition(":")
        if kind in KINDS and name.isdecimal():
            self._batch.setdefault(kind, {})[int(name)] = self._told
        elif self._told.papers:
            self._batch.setdefault("", {})[len(self._batch.get("", ()))] = self._told

    def _compare(self, kind: str) -> Iterator[tuple[str, Fault]]:
        told = self._batch.pop(kind)
        rows = {row.id: row for row in read_facts(self._session, kind, list(told))} if kind else {}
        for row_id, telling in told.items() if kind else ():
            stream, row = f"{kind}:{row_id}", rows.get(row_id)
            if row is None:
                if not telling.is_taken_back:
                    yield stream, Fault(Wrong.ROW_GONE)
            elif not telling.is_told:
                yield stream, Fault(Wrong.FACTS_UNTOLD)
            elif changed := differences(telling, self._comparable(telling, row), row.names):
                yield stream, Fault(Wrong.FACTS, {"facts": ", ".join(changed)})
        yield from self._check_papers(told.values())
        yield from self._check_decisions(told.values())

    def _comparable(self, told: StreamFacts, row: Attested) -> Mapping[str, object]:
        """Return the facts to compare: grants are told by two streams, states by versions of their own check.

        The stage that goes with a state is not told: the definition knows it.
        """
        facts = {name: value for name, value in row.facts.items() if name not in {"grants", "state"}}
        if "stage" in facts and told.state is not None:
            stage = self._stage_of(row, told.state) if row.facts["state"] == told.state else None
            if stage is None:
                del facts["stage"]
            else:
                told.values["stage"] = stage
        return facts

    def _stage_of(self, row: Attested, state: str) -> str | None:
        """Return the stage of a state on the row's route, None where this release cannot read the route."""
        try:
            definition = load_definition(self._session, cast("int", row.facts["definition"]))
        except RouteUnreadable:
            return None
        return str(definition.stage_of(state))

    def _check_papers(self, told: Iterable[StreamFacts]) -> Iterator[tuple[str, Fault]]:
        papers = {name: (sha256, name in one.removed) for one in told for name, sha256 in one.papers.items()}
        if not papers:
            return
        found = self._session.execute(
            select(Attachment.id, Attachment.sha256, Attachment.removed_at).where(
                among(Attachment.id, [UUID(name) for name in papers])
            )
        )
        rows = {str(row.id): row for row in found}
        for name, (sha256, is_removed) in papers.items():
            row = rows.get(name)
            if row is None:
                yield f"paper:{name}", Fault(Wrong.TOLD_GONE)
            elif (row.removed_at is not None) is not is_removed:
                yield f"paper:{name}", Fault(Wrong.REMOVAL)
            elif (row.sha256 and row.sha256.hex()) != sha256:
                yield f"paper:{name}", Fault(Wrong.ROW_OTHER_FILE)

    def _check_decisions(self, told: Iterable[StreamFacts]) -> Iterator[tuple[str, Fault]]:
        signed = [(number, said) for one in told for number, said in one.signed.items()]
        numbers = {number for number, _ in signed}
        if not numbers:
            return
        rows = {
            row.id: row for row in self._session.scalars(select(Decision).where(Decision.id.in_(numbers)))
        }
        wrong: set[tuple[int, str]] = set()
        for number, said in signed:
            row = rows.get(number)
            if row is None:
                wrong.add((number, ""))
            elif changed := [name for name in _DECISION if plain(getattr(row, name)) != said.get(name)]:
                wrong.add((number, ", ".join(changed)))
        for number, differs in sorted(wrong - self._seen_wrong):
            fault = Fault(Wrong.DECISION, {"facts": differs}) if differs else Fault(Wrong.TOLD_GONE)
            yield f"decision:{number}", fault
        self._seen_wrong |= wrong
        self._decisions |= numbers

    def _without_history(self) -> Iterator[tuple[str, Fault]]:
        for kind, told in KINDS.items():
            stream = func.concat(f"{kind}:", told.key)
            lost = select(told.key).where(~exists().where(Event.stream == stream)).order_by(told.key)
            for row_id in self._session.scalars(lost):
                yield f"{kind}:{row_id}", Fault(Wrong.UNTOLD)

    def _check_grants(self) -> Iterator[tuple[str, Fault]]:
        wanted = (Grant.id, Grant.account_id, Grant.key, Grant.valid_from, Grant.valid_to)
        newest, seen = self._grants.newest, set()
        for row in self._session.execute(
            select(*wanted).order_by(Grant.id).execution_options(yield_per=1000)
        ):
            seen.add(row.id)
            if row.id not in newest:
                yield f"account:{row.account_id}", Fault(Wrong.GRANT_UNTOLD, {"grant": row.key})
            elif grant_row(row) not in newest[row.id][1].values():
                yield f"account:{row.account_id}", Fault(Wrong.GRANT, {"grant": row.key})
        for grant_id in sorted(newest.keys() - seen):
            [said, *_] = newest[grant_id][1].values()
            yield f"account:{said[1]}", Fault(Wrong.GRANT_GONE, {"grant": str(said[2])})

    def _check_untold_decisions(self) -> Iterator[tuple[str, Fault]]:
        for number in self._session.scalars(select(Decision.id).order_by(Decision.id)):
            if number not in self._decisions:
                yield f"decision:{number}", Fault(Wrong.UNTOLD)
