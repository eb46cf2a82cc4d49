"""Any sequence of actions on any shipped route, against the plain YAML read a second time by other code."""

from datetime import date

import pytest
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.definitions import SHIPPED, facts, shipped, text_of
from tests.support.engine import plan_move
from workflow.domain.errors import MoveNotOpen, NominationHeld, RequirementsMissing, UnknownStep
from workflow.domain.facts import MoveRequest, SignedDocument, VoteEntry
from workflow.domain.moves.engine import Direction, offers
from workflow.domain.route.states import WITHDRAWN_STATE
from workflow.domain.vocabulary import SubjectKind, VoteResult

RAW = {key: yaml.safe_load(text_of(key)) for key in SHIPPED}
ACTIONS = sorted(
    {move["name"] for raw in RAW.values() for move in raw["moves"]} | {"withdraw", "to_approved"}
)
STEPS = sorted({step["name"] for raw in RAW.values() for step in raw["steps"]} | {WITHDRAWN_STATE, "nowhere"})
OTHER_KIND = {
    SubjectKind.PERSON: "subject_is_collective",
    SubjectKind.COLLECTIVE: "subject_is_individual",
}
PARTS = ["has_subject", "has_award", "has_achievement", "has_proposer"]
OTHER_DECIDER = {"": "decided_above", "state": "decided_here"}
COUNTS = {
    None: None,
    VoteResult.PASSED: VoteEntry(9, 5, 4),
    VoteResult.NOT_PASSED: VoteEntry(9, 4, 5),
    VoteResult.TIED: VoteEntry(9, 4, 4, 1),
}
PAPERS = [None, SignedDocument("1/QĐ", date(2026, 6, 12), "A"), SignedDocument("", date.min, "A")]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


class AnyRoute(RuleBasedStateMachine):
    """One nomination on one route, with everything about it changing between the actions."""

    @initialize(
        key=st.sampled_from(SHIPPED),
        kind=st.sampled_from(SubjectKind),
        decider=st.sampled_from(sorted(OTHER_DECIDER)),
    )
    def start(self, key, kind, decider):
        self.raw = RAW[key]
        self.definition = shipped(key)
        self.about = {"subject_kind": kind, "decider": decider}
        self.now = facts(self.raw["initial"], **self.about)
        self.entered = [self.raw["initial"]]

    def edges(self, action: str) -> list[tuple[dict, str]]:
        """Give the moves of that name for this kind of nominee, each with a destination."""
        return [
            (move, dest)
            for move in self.raw["moves"]
            if move["name"] == action
            and self.now.state in listed(move["from"])
            and OTHER_KIND[self.now.subject_kind] not in move.get("guards", [])
            and OTHER_DECIDER[self.now.decider] not in move.get("guards", [])
            for dest in listed(move["to"])
            if dest != self.now.state
        ]

    def lacks(self, move: dict, request: MoveRequest) -> bool:
        """Tell, by rules written again here, whether the request lacks something the move needs."""
        guards = move.get("guards", [])
        dossier = (self.now.has_subject, self.now.has_award, self.now.has_achievement, self.now.has_proposer)
        needs_reason = move.get("reason_required", False)
        return (
            ("dossier_complete" in guards and not all(dossier))
            or ("not_own_subject" in guards and self.now.actor_is_subject)
            or ("decision_recorded" in guards and not (request.decision and request.decision.number))
            or ("vote_recorded" in guards and request.vote is None)
            or ("vote_passed" in guards and request.vote != COUNTS[VoteResult.PASSED])
            or ("vote_not_passed" in guards and request.vote == COUNTS[VoteResult.PASSED])
            or ("council_passed" in guards and self.now.recommendation is not VoteResult.PASSED)
            or (needs_reason and not (request.comment and request.reason_code))
            or request.reason_code == "unheard_of"
        )

    @rule(missing=st.sets(st.sampled_from(PARTS), max_size=1), own=st.integers(0, 5))
    def change_the_dossier(self, missing, own):
        self.now = facts(
            self.now.state,
            **self.about,
            actor_is_subject=own == 0,
            **dict.fromkeys(missing, False),
        )

    @rule(
        data=st.data(),
        action=st.sampled_from(ACTIONS),
        to_step=st.one_of(st.none(), st.sampled_from(STEPS)),
        comment=st.sampled_from(["", "Bổ sung"]),
        reason_code=st.sampled_from([None, "other", "unheard_of"]),
        decision=st.sampled_from(PAPERS),
        counts=st.sampled_from(list(COUNTS.values())),
    )
    def ask_for_anything(self, *, data, action, to_step, comment, reason_code, decision, counts):
        if data.draw(st.booleans(), label="a step it leads to"):
            dests = [dest for _, dest in self.edges(action)]
            to_step = data.draw(st.sampled_from(dests or [None]), label="step")
        self.ask(MoveRequest(action, to_step, comment, reason_code, decision=decision, vote=counts))

    @precondition(lambda self: not self.definition.is_final(self.now.state))
    @rule(data=st.data())
    def press_a_button_with_everything_filled_in(self, data):
        self.now = facts(self.now.state, **self.about | {"recommendation": VoteResult.PASSED})
        button = data.draw(st.sampled_from(offers(self.definition, self.now)))
        dest = data.draw(st.sampled_from(button.dests)).name
        entered = len(self.entered)
        counts = COUNTS[VoteResult.NOT_PASSED if button.name == "not_passed" else VoteResult.PASSED]
        self.ask(MoveRequest(button.name, dest, "Bổ sung", "other", decision=PAPERS[1], vote=counts))
        assert len(self.entered) == entered + 1

    @precondition(lambda self: not self.definition.is_final(self.now.state))
    @rule()
    def go_on_towards_the_end(self):
        self.now = facts(self.now.state, **self.about)
        buttons = {button.direction: button for button in offers(self.definition, self.now)}
        button = buttons.get(Direction.FORWARD) or buttons[Direction.APPROVE]
        counts = COUNTS[VoteResult.NOT_PASSED if button.name == "not_passed" else VoteResult.PASSED]
        self.ask(MoveRequest(button.name, button.dests[0].name, decision=PAPERS[1], vote=counts))

    def ask(self, request: MoveRequest) -> None:
        """Ask, and hold the answer to what the plain YAML says."""
        edges = self.edges(request.action)
        try:
            plan = plan_move(self.definition, self.now, request)
        except MoveNotOpen:
            assert edges == []
        except UnknownStep:
            assert edges
            assert request.to_step not in [dest for _, dest in edges]
            assert request.to_step is not None or len(edges) > 1
        except RequirementsMissing:
            assert self.lacks(edges[0][0], request)
        else:
            assert not self.lacks(edges[0][0], request)
            assert plan.dest in [dest for _, dest in edges]
            assert plan.dest == (request.to_step or edges[0][1])
            self.check_meaning(self.now.state, plan)
            if "vote_recorded" in edges[0][0].get("guards", []):
                self.about["recommendation"] = next(r for r, votes in COUNTS.items() if votes == request.vote)
            self.now = facts(plan.dest, **self.about)
            self.entered.append(plan.dest)

    def check_meaning(self, source: str, plan) -> None:
        """Expect that the direction agrees with the order of the file and the stage reached."""
        order = [step["name"] for step in self.raw["steps"]]
        stage = next(step["stage"] for step in self.raw["steps"] if step["name"] == plan.dest)
        if stage in ("approved", "rejected"):
            assert plan.direction is {"approved": Direction.APPROVE, "rejected": Direction.REJECT}[stage]
        else:
            is_back = order.index(plan.dest) < order.index(source)
            assert plan.direction is (Direction.RETURN if is_back else Direction.FORWARD)

    @invariant()
    def nothing_moves_on_hold(self):
        held = facts(self.now.state, **self.about, is_held=True)
        for action in ACTIONS:
            with pytest.raises(NominationHeld):
                plan_move(self.definition, held, MoveRequest(action))

    @invariant()
    def a_withdrawn_nomination_offers_nothing(self):
        withdrawn = facts(WITHDRAWN_STATE, subject_kind=self.now.subject_kind)
        assert offers(self.definition, withdrawn) == ()

    @invariant()
    def the_state_is_a_step_of_the_route(self):
        assert self.definition.has_step(self.now.state)

    @invariant()
    def the_buttons_are_the_edges_of_the_file(self):
        offered = {
            (offer.name, step.name) for offer in offers(self.definition, self.now) for step in offer.dests
        }
        assert offered == {(move["name"], dest) for name in ACTIONS for move, dest in self.edges(name)}

    @invariant()
    def nobody_leaves_a_final_step(self):
        finals = {step["name"] for step in self.raw["steps"] if step.get("final")}
        assert not finals & set(self.entered[:-1])

    @invariant()
    def a_person_never_meets_the_cluster_of_the_award_routes(self):
        if self.now.subject_kind is SubjectKind.PERSON:
            assert "cluster_review" not in self.entered


AnyRoute.TestCase.settings = settings(
    max_examples=500,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyRoute = AnyRoute.TestCase
