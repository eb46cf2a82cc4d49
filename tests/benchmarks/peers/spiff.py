"""SpiffWorkflow: a BPMN process with a task for each decision, kept as JSON between them.

Whole: the engine says where the decision leads, and the same facts are written as raw statements in the same
transaction. Bare: the engine's own JSON, the state and one row of a log.
"""

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO
from typing import Any

import psycopg
from lxml import etree
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from tests.benchmarks.peers.bare import RawBare
from tests.benchmarks.raw_decision import Leap, RawDecisions
from tests.benchmarks.scene import ROUTE

_STEPS = [source for _, source, _, _ in ROUTE]


def _bpmn() -> bytes:
    """Draw the route as BPMN: a start, a manual task for each decision, an end."""
    flows = list(zip(["start", *_STEPS], [*_STEPS, "end"], strict=True))
    parts = "".join(f'<manualTask id="{step}" name="{step}"/>' for step in _STEPS)
    arrows = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="{one}" targetRef="{other}"/>'
        for n, (one, other) in enumerate(flows)
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="peers">'
        f'<process id="route" isExecutable="true"><startEvent id="start"/>{parts}<endEvent id="end"/>{arrows}'
        "</process></definitions>"
    ).encode()


class SpiffEngine:
    """One nomination's process at a time: read, moved on, written again."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        parser = BpmnParser()
        parser.add_bpmn_io(BytesIO(etree.tostring(etree.fromstring(_bpmn()))))
        self._spec = parser.get_spec("route")
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self._cursor = connection.cursor()

    def move_on(self, nomination_id: int, source: str) -> str:
        """Complete the task of a step and return the step after it, `approved` at the end."""
        workflow = self._workflow(nomination_id)
        [task] = workflow.get_tasks(state=TaskState.READY, manual=True)
        if task.task_spec.name != source:
            raise ValueError(f"the process stands at {task.task_spec.name}, not at {source}")
        task.run()
        workflow.do_engine_steps()
        waiting = workflow.get_tasks(state=TaskState.READY, manual=True)
        self._cursor.execute(
            "INSERT INTO peer_process (nomination_id, process) VALUES (%s, %s)"
            " ON CONFLICT (nomination_id) DO UPDATE SET process = excluded.process",
            (nomination_id, self._serializer.serialize_json(workflow)),
            prepare=True,
        )
        return waiting[0].task_spec.name if waiting else "approved"

    def _workflow(self, nomination_id: int) -> BpmnWorkflow:
        found = self._cursor.execute(
            "SELECT process::text FROM peer_process WHERE nomination_id = %s", (nomination_id,), prepare=True
        ).fetchone()
        if found is not None:
            return self._serializer.deserialize_json(found[0])
        workflow = BpmnWorkflow(self._spec)
        workflow.do_engine_steps()
        return workflow


class SpiffDecisions(RawDecisions):
    """Makes whole decisions: where to by the process, the facts as raw statements."""

    def __init__(self, connection: psycopg.Connection[Any], *, today: date) -> None:
        super().__init__(connection, today=today)
        self._engine = SpiffEngine(connection)

    def _write_change(self, leap: Leap, facts: Any, common: Mapping[str, Any], paper_id: int | None) -> Any:
        """Ask the process where the decision leads, behind the lock, before anything is written."""
        if self._engine.move_on(facts.id, leap.source) != leap.dest:
            raise ValueError("the process leads elsewhere")
        return super()._write_change(leap, facts, common, paper_id)


class SpiffBare:
    """Moves the process and keeps the state and one row of a log."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._engine = connection, SpiffEngine(connection)
        self._rows = RawBare(connection)

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision and commit."""
        del version, key
        if self._engine.move_on(nomination_id, leap.source) != leap.dest:
            raise ValueError("the process leads elsewhere")
        self._rows.write(leap, nomination_id=nomination_id, actor_id=actor_id, now=now)
        self._connection.commit()
