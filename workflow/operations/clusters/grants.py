"""Grants that follow from who heads a cluster. Never commits.

Once a cluster names its head unit, `cluster_head@cluster:C` belongs to whoever holds `head@unit:HEAD`, and
`cluster_deputy@cluster:C` likewise to the deputy unit's head. They are rows, not derived at reading, so that
the inbox, the mails and the ladder stay single look-ups of a key; the price is that whoever changes the heads
of units calls `follow_unit_heads` in the same transaction (docs/adr/0025).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import Endings, Term, follow
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Role, Via
from workflow.operations.history.streams import append_event
from workflow.store.access import Grant
from workflow.store.base import table_of
from workflow.store.clusters import held_terms, terms_of
from workflow.store.database import local_day
from workflow.store.organisation import Cluster, ClusterMember, Unit

_GRANT = table_of(Grant)


def follow_unit_heads(
    session: Session, *, unit_codes: Collection[str], actor: Actor | None, via: Via, now: datetime
) -> int:
    """Let the clusters that these units head follow their heads' grants of now; return how many changed.

    For whoever adds or ends a `head@unit:X`, after doing so and in the same transaction. Every cluster with
    such a member is locked, in the order of ids, so that nobody sets its officers meanwhile.
    """
    found = session.scalars(
        select(Cluster)
        .where(
            Cluster.id.in_(
                select(ClusterMember.cluster_id)
                .join(Unit, Unit.id == ClusterMember.unit_id)
                .where(Unit.code.in_(list(unit_codes)))
            )
        )
        .order_by(Cluster.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()
    changed = 0
    for cluster in found:
        moved = follow_officers(session, cluster, now=now)
        if moved:
            changed += 1
            stream = f"cluster:{cluster.id}"
            append_event(session, stream, "follow_heads", actor=actor, via=via, now=now, data=moved)
    return changed


def follow_officers(session: Session, cluster: Cluster, *, now: datetime) -> dict[str, object]:
    """Let the grants of a locked cluster's seats follow its officers, and return what changed, by role.

    They change on the officers' first day or today, whichever is later: what somebody held before, they held.
    A cluster without a head keeps the grants that were given by hand.
    """
    if cluster.head_unit_id is None:
        return {}
    today = local_day(session, now)
    since = max(cluster.officers_from or today, today)
    codes = _codes(session, [cluster.head_unit_id, cluster.deputy_unit_id])
    seats = {
        Role.CLUSTER_HEAD: codes.get(cluster.head_unit_id),
        Role.CLUSTER_DEPUTY: codes.get(cluster.deputy_unit_id or 0),
    }
    changed: dict[str, object] = {}
    for role, unit in seats.items():
        key = f"{role}@cluster:{cluster.code}"
        wanted = terms_of(session, f"{Role.HEAD}@unit:{unit}") if unit is not None else []
        endings, beginnings = follow(held_terms(session, key), wanted, since=since)
        if endings or beginnings:
            _write(session, key, endings, beginnings)
            changed[role] = {
                "ended": sorted(endings),
                "began": sorted(term.account_id for term in beginnings),
            }
    return changed


def _write(session: Session, key: str, endings: Endings, beginnings: Sequence[Term]) -> None:
    if endings:
        end = update(_GRANT).where(_GRANT.c.id == bindparam("which")).values(valid_to=bindparam("end"))
        session.connection().execute(
            end, [{"which": grant_id, "end": until} for grant_id, until in sorted(endings.items())]
        )
    if beginnings:
        rows = [
            {"account_id": term.account_id, "key": key, "valid_from": term.since, "valid_to": term.until}
            for term in beginnings
        ]
        begin = insert(_GRANT).values(rows)
        # A grant of that very day that was ended again begins anew: one row for each beginning.
        session.execute(
            begin.on_conflict_do_update(
                index_elements=["account_id", "key", "valid_from"],
                set_={"valid_to": begin.excluded.valid_to},
            )
        )


def _codes(session: Session, unit_ids: Sequence[int | None]) -> Mapping[int, str]:
    wanted = [unit_id for unit_id in unit_ids if unit_id is not None]
    rows = session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(wanted)))
    return {row.id: row.code for row in rows}


def first_day(cluster_year: int) -> date:
    """Return the day on which a year's officers take office unless another is said: the first of January."""
    return date(cluster_year, 1, 1)
