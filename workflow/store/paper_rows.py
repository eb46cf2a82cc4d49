"""The rows of papers, and of what papers the awards of a nomination or a submission ask for."""

from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Row, Select, bindparam, func, or_, select

from workflow.domain.papers.kinds import PaperRoot, Target
from workflow.store.access import Account
from workflow.store.attachments import Attachment
from workflow.store.awards import AwardEdition
from workflow.store.nominations import Nomination
from workflow.store.statements import Statement

MOST_PAPERS: Final = 500
"""No dossier has more; beyond that the oldest are shown."""

_ROOT_ID: Final = bindparam("root", type_=BigInteger())


def paper_rows() -> Select[*tuple[Any, ...]]:
    """Return the statement of every paper, each with who brought it."""
    return select(
        *(getattr(Attachment, name) for name in Attachment.__table__.columns.keys()),  # noqa: SIM118 - no dict
        Account.name.label("uploader"),
    ).join(Account, Account.id == Attachment.uploaded_by)


@cache
def papers_at(kind: PaperRoot, *, with_list: bool) -> Statement:
    """Return the statement of the papers of a root, `with_list` of its submission too."""
    wanted = [getattr(Attachment, f"{kind}_id") == _ROOT_ID]
    if with_list:
        wanted.append(Attachment.submission_id == bindparam("submission", type_=BigInteger()))
    return Statement(paper_rows().where(or_(*wanted)).order_by(Attachment.id).limit(MOST_PAPERS))


@cache
def kinds_asked_at(kind: PaperRoot) -> Statement:
    """Return the statement of the kinds of papers that the awards of a nomination or a submission ask for."""
    of_root = Nomination.id if kind is PaperRoot.NOMINATION else Nomination.submission_id
    return Statement(
        select(func.unnest(AwardEdition.papers).label("kind"))
        .select_from(Nomination)
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .where(of_root == _ROOT_ID)
        .distinct()
    )


def target_of_row(row: Row[Any]) -> Target:
    """Return to what the paper of a row is attached."""
    ids = {kind: getattr(row, f"{kind}_id") for kind in PaperRoot}
    kind = next(kind for kind, root_id in ids.items() if root_id is not None)
    return Target(kind, ids[kind])
