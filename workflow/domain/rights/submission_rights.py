"""Who may see, compose and amend a unit's submission with its list."""

from collections.abc import Iterable
from typing import Final

from workflow.domain.errors import Forbidden, NotFound
from workflow.domain.rights.policy import Actor, in_place_of
from workflow.domain.rights.scope import Scope
from workflow.domain.vocabulary import Role, Stage

WITH_THE_UNIT: Final = frozenset({Stage.DRAFT, Stage.UNIT_REVIEW})
"""The stages in which a name still lies with the unit that proposes it."""

BEYOND_THE_UNIT: Final = frozenset({Stage.CLUSTER_REVIEW, Stage.COUNCIL, Stage.APPROVED})
"""The stages that say that a name has left its unit, and with it the submission."""

_AMENDS: Final = (Role.NOMINATOR, Role.UNIT_REVIEWER, Role.HEAD)


def sees_submission(scope: Scope, *, unit_id: int, unit_code: str, names_any: bool) -> bool:
    """Return whether a submission of this unit lies in the scope.

    `names_any` says whether the scope may name at least one nomination of its list.
    """
    acts_there = f"unit:{unit_code}" in scope.seats
    return scope.is_everything or unit_id in scope.units or acts_there or names_any


def no_submission(submission_id: int) -> NotFound:
    """Return the refusal that says nothing of whether the submission exists."""
    return NotFound(f"There is no submission {submission_id} among those you may see.")


def may_compose(actor: Actor, unit_code: str) -> bool:
    """Return whether the actor may put names on a list of this unit and take them off."""
    return _acting(actor, (Role.NOMINATOR,), unit_code) is not None


def may_amend(actor: Actor, unit_code: str) -> bool:
    """Return whether the actor may write the number, date and signer of a submission of this unit."""
    return _acting(actor, _AMENDS, unit_code) is not None


def demand_composer(actor: Actor, unit_code: str, *, said: str = "") -> Actor:
    """Return as whom the actor composes lists of this unit: themselves, or in the place of somebody away.

    Raises `Forbidden` unless they may, in the words that `said` it.
    """
    acting = _acting(actor, (Role.NOMINATOR,), unit_code)
    if acting is None:
        raise Forbidden(f"Only a nominator of unit {said or unit_code} may compose its lists.")
    return acting


def demand_amender(actor: Actor, unit_code: str) -> Actor:
    """Return as whom the actor writes on submissions of this unit. Raises `Forbidden` unless they may."""
    acting = _acting(actor, _AMENDS, unit_code)
    if acting is None:
        raise Forbidden(
            f"Only nominators, reviewers and the head of unit {unit_code} may write on its papers."
        )
    return acting


def _acting(actor: Actor, roles: Iterable[Role], unit_code: str) -> Actor | None:
    keys = {f"{role}@unit:{unit_code}" for role in roles}
    acting = in_place_of(actor, keys)
    return None if acting.keys.isdisjoint(keys) else acting
