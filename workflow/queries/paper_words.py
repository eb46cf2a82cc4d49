"""What papers are called where the kind of the cluster is known: minutes of the Cụm, or of the Khối."""

from workflow.domain.papers.names import PAPERS, PaperText
from workflow.domain.vocabulary import PaperKind
from workflow.queries.shapes import Titled, Words


def paper_title(paper: str, kind: str | None) -> Titled:
    """Return the name of a kind of paper; one this release does not know is shown as it is spelled.

    `kind` is that of the cluster, None where that is not known.
    """
    if paper not in list(PaperKind):
        return Titled(paper, Words(paper, paper))
    return Titled(paper, _said(PAPERS[PaperKind(paper)].name, kind))


def paper_help(paper: PaperKind, kind: str | None) -> Words:
    """Return the line that says what a kind of paper is, as it is said of a cluster of that kind."""
    return _said(PAPERS[paper].help, kind)


def _said(text: PaperText, kind: str | None) -> Words:
    return Words(text.vi, text.en).of_kind(kind)
