"""What is there when a season begins: the clusters of its year, the movement, the open round."""

from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import ClusterKind, Headed, Officers
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import PaperKind, Role, RoundDate, Via
from workflow.operations.clusters.clusters import NewCluster, NewOfficers, create_cluster, set_officers
from workflow.operations.clusters.year import NewYear, open_year
from workflow.operations.rounds.campaigns import NewCampaign, create_campaign
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.simulate.season import UPPER_DAY, Season, SeasonPlan
from workflow.simulate.sector import TOP, ClusterPlan, Sector, unit_code
from workflow.simulate.stage import Scenery
from workflow.store.awards import Award, AwardEdition
from workflow.store.conditions import is_in_force
from workflow.store.organisation import Cluster, Person

_ADMIN: Final = f"{Role.ADMIN}@all"
AWARDS: Final = ("LDTT", "CSTDCS", "CSTD_NGANH", "CSTD_TOAN_QUOC", "TTLDTT", "TTLDXS", "CTD_NGANH")


def begin(stage: Scenery, sector: Sector, plan: SeasonPlan) -> Season:
    """Make what a season needs, open its round today, and return the season at day 0."""
    stage.meet()
    _open_clusters(stage, sector, plan.year)
    stage.meet()
    admin = stage.actor(_ADMIN)
    _launch(stage, admin, plan)
    with stage.deed() as (session, now):
        new = NewRound(
            code=plan.round_code,
            title=plan.title,
            year=plan.year,
            owner_unit_code=TOP,
            campaign_code=plan.round_code,
            period_from=date(plan.year, 1, 1),
            period_to=date(plan.year, 12, 31),
            dates={RoundDate.UPPER_DEADLINE: stage.calendar.shift(stage.today, UPPER_DAY)},
            award_codes=AWARDS,
            unit_codes=tuple(unit_code(unit) for unit in sorted(plan.habits)),
            previous_code=plan.previous_code,
            proposes_dates=True,
        )
        round_id = open_round(session, actor=admin, new=new, via=Via.WEB, now=now).round_id
    stage.counts["rounds"] += 1
    with stage.sessions() as session:
        papers, names = _papers(session, stage.today), _names(session)
    return Season(stage, sector, plan, round_id, stage.today, papers, names)


def _open_clusters(stage: Scenery, sector: Sector, year: int) -> None:
    """Make the clusters of the year: laid out afresh the first time, later turned on from the year before."""
    with stage.sessions() as session:
        years = set(session.scalars(select(Cluster.year).distinct()))
    if year in years:
        return
    if year - 1 in years:
        with stage.deed() as (session, now):
            new = NewYear(TOP, year, since=stage.today)
            open_year(session, actor=stage.actor(_ADMIN), new=new, via=Via.WEB, now=now)
        return
    for cluster in sector.clusters:
        _open_cluster(stage, cluster, year)


def _open_cluster(stage: Scenery, cluster: ClusterPlan, year: int) -> None:
    admin, codes = stage.actor(_ADMIN), [unit_code(unit) for unit in cluster.members]
    with stage.deed() as (session, now):
        new = NewCluster(year, TOP, cluster.number, cluster.name, codes, ClusterKind(cluster.kind))
        made = create_cluster(session, actor=admin, new=new, via=Via.WEB, now=now)
    # The deputy heads next year. The first unit's head has another part in a demo, so its turn comes last.
    deputy, head = codes[1 % len(codes)], codes[2 % len(codes)]
    with stage.deed() as (session, now):
        officers = NewOfficers(Officers(head, deputy), Headed.ELECTED, since=stage.today)
        set_officers(session, actor=admin, cluster_id=made.cluster_id, new=officers, via=Via.WEB, now=now)


def _launch(stage: Scenery, admin: Actor, plan: SeasonPlan) -> None:
    with stage.deed() as (session, now):
        new = NewCampaign(
            code=plan.round_code,
            title=f"Thi đua lập thành tích chào mừng các ngày lễ lớn năm {plan.year}",
            year=plan.year,
            owner_code=TOP,
            directive_number=f"0{plan.year % 9 + 1}/CT-VKS",
            directive_on=stage.today,
        )
        create_campaign(session, actor=admin, new=new, via=Via.WEB, now=now)


def _papers(session: Session, today: date) -> dict[str, tuple[PaperKind, ...]]:
    """Return the papers each award asks for on a day."""
    rows = session.execute(
        select(Award.code, AwardEdition.papers)
        .join(Award, Award.id == AwardEdition.award_id)
        .where(
            is_in_force(AwardEdition, today),
        )
        .order_by(Award.code, AwardEdition.valid_from)
    )
    return {row.code: tuple(PaperKind(kind) for kind in row.papers) for row in rows}


def _names(session: Session) -> dict[str, str]:
    return {row.code: row.name for row in session.execute(select(Person.code, Person.name))}
