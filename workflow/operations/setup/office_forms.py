"""Keeping the form that an office writes its lists in: a version follows the one before, from now on."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, Forbidden, InvalidField, NotFound, Reason
from workflow.domain.papers.office_forms import FormFormat, FormPurpose
from workflow.domain.rights.policy import Actor, is_over
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.codes import is_named
from workflow.store.office_forms import UnitForm
from workflow.store.organisation import Unit


@dataclass(frozen=True, slots=True)
class NewForm:
    """A form that was filled with invented names already, and so can be."""

    unit: str
    purpose: FormPurpose
    kind: FormFormat
    filename: str
    content: bytes


def keep_form(
    session: Session, *, actor: Actor, new: NewForm, via: Via, now: datetime, claim: Claim | None = None
) -> int:
    """Have a unit write in a form from now on, commit, return its id; the file in force changes nothing.

    Two at once become two versions, one after the other. Raises `Forbidden` unless the actor supervises or
    administers the unit, `InvalidField` for a unit that there is none of.
    """
    answer = claim_key(session, claim, actor=actor, now=now)
    if answer is not None:
        found: int = answer["form"]  # type: ignore[assignment]  # a number of our own in JSON
        return found
    unit_id = session.scalar(
        select(Unit.id).where(is_named(session, Unit.code, new.unit)).with_for_update(key_share=True)
    )
    if unit_id is None:
        message = f"there is no unit '{new.unit}'"
        raise InvalidField(f"unit: {message}.", errors=[FieldError("unit", message)])
    _demand_over(actor, unit_id)
    sha256 = hashlib.sha256(new.content).digest()
    same = (UnitForm.unit_id == unit_id, UnitForm.purpose == new.purpose, UnitForm.kind == new.kind)
    standing = session.scalar(select(UnitForm).where(*same, UnitForm.ended_at.is_(None)))
    if standing is not None and standing.sha256 == sha256:
        form_id = standing.id
    else:
        form_id = _write(session, unit_id, new, sha256, actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"form": form_id})
    session.commit()
    return form_id


def end_form(
    session: Session, *, actor: Actor, form_id: int, via: Via, now: datetime, claim: Claim | None = None
) -> None:
    """Have a unit write in a form no more, and commit; what is over already stays as it is.

    Then the form of the next unit above is in force, else the plain one. Raises `NotFound`, `Forbidden`.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return
    form = session.scalar(select(UnitForm).where(UnitForm.id == form_id))
    if form is None or not is_over(actor, form.unit_id):
        raise NotFound(f"There is no form {form_id}.")
    ended = session.scalar(
        update(UnitForm)
        .where(UnitForm.id == form_id, UnitForm.ended_at.is_(None))
        .values(ended_at=func.greatest(now, UnitForm.kept_at))
        .returning(UnitForm.id)
    )
    if ended is not None:
        data = {"purpose": form.purpose, "kind": form.kind, "version": form.version}
        append_event(session, _stream(form.unit_id), "end_form", actor=actor, via=via, now=now, data=data)
    settle_key(session, claim, actor=actor, result={"form": form_id})
    session.commit()


def _write(
    session: Session, unit_id: int, new: NewForm, sha256: bytes, *, actor: Actor, via: Via, now: datetime
) -> int:
    """End the version in force and insert the next; the unit is locked."""
    same = (UnitForm.unit_id == unit_id, UnitForm.purpose == new.purpose, UnitForm.kind == new.kind)
    session.execute(
        update(UnitForm)
        .where(*same, UnitForm.ended_at.is_(None))
        .values(ended_at=func.greatest(now, UnitForm.kept_at))
    )
    version = (session.scalar(select(func.max(UnitForm.version)).where(*same)) or 0) + 1
    form = UnitForm(
        unit_id=unit_id,
        purpose=str(new.purpose),
        kind=str(new.kind),
        version=version,
        filename=new.filename,
        content=new.content,
        sha256=sha256,
        kept_by=actor.account_id,
        kept_at=now,
    )
    session.add(form)
    session.flush()
    data = {"purpose": form.purpose, "kind": form.kind, "version": version, "sha256": sha256.hex()}
    append_event(session, _stream(unit_id), "keep_form", actor=actor, via=via, now=now, data=data)
    return form.id


def _stream(unit_id: int) -> str:
    return f"unit:{unit_id}"


def _demand_over(actor: Actor, unit_id: int) -> None:
    if not is_over(actor, unit_id):
        message = "Only who supervises or administers this unit keeps its forms."
        raise Forbidden(message, reasons=[Reason("form_not_yours", message)])
