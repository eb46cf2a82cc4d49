"""Clients that do real work over HTTP and write down every action that was acknowledged.

A good client: each action has a key and the version it was based on, and is sent again, byte for byte,
until somebody answers. What is neither an answer nor "later" (429, 502, 503) is a finding. One client alone
works on a nomination, so that a conflict is a finding too.
"""

import http.client
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any, Final

from tests.faults.rig.world import HEAD, ROUND, SECRETARY, World, seat
from workflow.clock import monotonic

ANSWER_SECONDS: Final = 20.0
"""How long a client waits for one answer before it asks again."""

GIVE_UP_SECONDS: Final = 600.0
_LATER: Final = frozenset({429, 502, 503})
_OPEN_AT_ONCE: Final = 12
_ASKED_TWICE: Final = 0.05
_FINAL: Final = frozenset({"approved", "rejected", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Act:
    """One acknowledged action, as its client remembers it."""

    key: str
    nomination_id: int
    action: str
    email: str
    unit: str
    version: int
    state: str
    asked_at: datetime
    seconds: float
    tries: int


@dataclass(slots=True)
class Journey:
    """A nomination as its client last saw it."""

    unit: str
    number: str
    nomination_id: int = 0
    version: int = 0
    state: str = ""
    is_held: bool = False
    is_claimed: bool = False
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client wants: who does it, which action, what is said."""

    email: str
    action: str
    body: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Client:
    """One thread's worth of people. `acts` is its history, `wrong` its findings, `troubles` what it bore."""

    port: int
    world: World
    name: str
    rng: random.Random
    think_seconds: float
    acts: list[Act] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    journeys: list[Journey] = field(default_factory=list)
    repeats: int = 0
    _count: int = 0
    _link: http.client.HTTPConnection | None = None

    def work(self, is_over: Callable[[], bool]) -> None:
        """Act until told to stop; the action in hand is brought to its end."""
        while not is_over():
            self.step()
            Event().wait(self.think_seconds * self.rng.uniform(0.5, 1.5))

    def step(self) -> Act | None:
        """Do one action: begin a journey, or go on with one of those under way."""
        if len(self.journeys) < _OPEN_AT_ONCE:
            return self.begin()
        journey = self.rng.choice(self.journeys)
        return self.act(journey, next_wish(journey, self.rng, asks=self.world.asks))

    def begin(self) -> Act | None:
        """Draft a nomination."""
        name = self.world.name()
        self._count += 1
        journey = Journey(name.unit, f"{self.name}-{self._count}")
        body = {
            "round": ROUND,
            "award": name.award,
            "unit": name.unit,
            "person": name.person,
            "achievement": "Hoàn thành xuất sắc nhiệm vụ.",
            "proposer": "Trần Thị Bích",
        }
        wish = Wish(seat("nominator", name.unit), "create", body)
        act = self._do(journey, wish, "/nominations", {})
        if act is not None:
            self.journeys.append(journey)
        return act

    def act(self, journey: Journey, wish: Wish) -> Act | None:
        """Do one action on a nomination."""
        path = f"/nominations/{journey.nomination_id}/actions/{wish.action}"
        if self.world.eve is not None:
            self.world.eve(journey.nomination_id)
        act = self._do(journey, wish, path, {"If-Match": f'"v{journey.version}"'})
        if (act is None or journey.state in _FINAL) and journey in self.journeys:
            self.journeys.remove(journey)
        return act

    def _do(self, journey: Journey, wish: Wish, path: str, headers: dict[str, str]) -> Act | None:
        key = f"{journey.number}-{journey.version}-{wish.action}"
        headers = {**headers, "Idempotency-Key": key}
        asked_at, began = datetime.now(UTC), monotonic()
        status, said, tries = self.insist(path, wish, headers)
        if status not in (200, 201):
            self.wrong.append(f"{wish.action} by {wish.email} (try {tries}): {status} {said}")
            return None
        journey.nomination_id, journey.version, journey.state = said["id"], said["version"], said["state"]
        journey.is_held, journey.is_asked = said["is_held"], said["is_asked"]
        journey.is_claimed = wish.action == "claim" or (journey.is_claimed and wish.action in _KEEPS_CLAIM)
        act = Act(
            key=key,
            nomination_id=journey.nomination_id,
            action=wish.action,
            email=wish.email,
            unit=journey.unit,
            version=journey.version,
            state=journey.state,
            asked_at=asked_at,
            seconds=monotonic() - began,
            tries=tries,
        )
        self.acts.append(act)
        if self.rng.random() < _ASKED_TWICE:
            self._ask_again(act, path, wish, headers)
        return act

    def _ask_again(self, act: Act, path: str, wish: Wish, headers: dict[str, str]) -> None:
        """Send an acknowledged request once more: it must be answered the same and done once."""
        status, said, _ = self.insist(path, wish, headers)
        self.repeats += 1
        if status not in (200, 201) or (said["id"], said["version"]) != (act.nomination_id, act.version):
            self.wrong.append(f"{act.key} asked again: {status} {said}")

    def insist(self, path: str, wish: Wish, headers: Mapping[str, str]) -> tuple[int, Any, int]:
        """Send a request until it is answered, and return the status, the body and the number of tries."""
        began, tries = monotonic(), 0
        while True:
            tries += 1
            try:
                status, said = self._send(path, wish, headers)
            except (OSError, http.client.HTTPException, ValueError) as error:
                self._hang_up()
                self.troubles[type(error).__name__] += 1
            else:
                if status not in _LATER:
                    return status, said, tries
                self.troubles[str(status)] += 1
            if monotonic() - began > GIVE_UP_SECONDS:
                return 0, "nobody answered", tries
            Event().wait(min(0.1 * 2 ** min(tries, 5), 2.0) * self.rng.uniform(0.5, 1.5))

    def _send(self, path: str, wish: Wish, headers: Mapping[str, str]) -> tuple[int, Any]:
        if self._link is None:
            self._link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        token = self.world.tokens[wish.email]
        own = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._link.request("POST", f"/api/v1{path}", json.dumps(wish.body).encode(), {**own, **headers})
        answer = self._link.getresponse()
        content = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(content) if is_json else content.decode()

    def _hang_up(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


_KEEPS_CLAIM: Final = frozenset({"hold", "release_hold", "request_info", "answer_info"})
_ANSWERED, _TAKEN_BACK = 0.6, 0.75
"""Of what is asked so much is answered, and so much more taken back; a move ends the rest."""
_RARELY: Final[Sequence[tuple[float, str, Mapping[str, object]]]] = (
    (0.08, "hold", {"comment": "Chờ xác minh."}),
    (0.28, "return", {"to_step": "draft", "reason_code": "other", "comment": "Bổ sung."}),
    (0.31, "reject", {"reason_code": "other", "comment": "Không đủ điều kiện."}),
)
"""What happens beside agreement, by the draw below which it does; from 0.08 to 0.2 somebody takes it up."""


def submission_of(journey: Journey) -> Wish:
    """Return the wish that sends a draft on."""
    return Wish(seat("nominator", journey.unit), "submit")


def next_wish(journey: Journey, rng: random.Random, *, asks: float = 0.0) -> Wish:
    """Choose what happens next to a nomination, by where it stands; of reviewers' turns a share `asks`."""
    draw = rng.random()
    if journey.state == "draft":
        return Wish(seat("nominator", journey.unit), "withdraw") if draw < 0.03 else submission_of(journey)
    reviewer = seat("unit_reviewer", journey.unit)
    owner = {"unit_review": reviewer, "council": SECRETARY, "decision": HEAD}[journey.state]
    if journey.is_held:
        return Wish(owner, "release_hold")
    # A question that a move will end is followed by what would have come without one.
    ends = rng.random() if journey.is_asked else 1.0
    if ends < _TAKEN_BACK:
        whoever = seat("nominator", journey.unit) if ends < _ANSWERED else owner
        return Wish(whoever, "answer_info", {"comment": "Quyết định số 12."})
    if asks and not journey.is_asked and rng.random() < asks:
        return Wish(owner, "request_info", {"comment": "Theo quyết định nào?"})
    if journey.is_asked:
        draw = max(draw, 0.2)
    if 0.08 <= draw < 0.2:
        return Wish(owner, "release" if journey.is_claimed else "claim")
    said: Mapping[str, object]
    action, said = next(((verb, words) for limit, verb, words in _RARELY if draw < limit), ("approve", {}))
    if journey.state == "decision" and action == "approve":
        day = datetime.now(UTC).date().isoformat()
        said = {"decision": {"number": f"{journey.number}/QĐ", "decided_on": day, "signer": "Viện trưởng"}}
    return Wish(owner, action, said)


@dataclass
class Crowd:
    """Clients at work in threads of their own."""

    clients: list[Client]
    _over: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)

    def start(self) -> None:
        """Let all of them work."""
        self._over = Event()
        self._threads = [
            Thread(target=client.work, args=(self._over.is_set,), daemon=True) for client in self.clients
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let nobody begin anything more, and wait until each has its answer."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def acts(self) -> Iterator[Act]:
        """Yield the whole history."""
        for client in self.clients:
            yield from client.acts
