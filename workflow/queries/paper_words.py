"""What papers are called where the kind of the cluster is known: minutes of the Cụm, or of the Khối."""

from workflow.domain.papers.kinds import ENGLISH_NAMES
from workflow.domain.vocabulary import PaperKind
from workflow.queries.shapes import Titled, Words, own_words
from workflow.words.catalogue import word


def paper_title(paper: str, kind: str | None) -> Titled:
    """Return the name of a kind of paper; one this release does not know is shown as it is spelled.

    `kind` is that of the cluster, None where that is not known.
    """
    if paper not in list(PaperKind):
        return Titled(paper, Words(paper, paper))
    names = Words(word("vi", f"paper.name_{paper}"), ENGLISH_NAMES[PaperKind(paper)])
    return Titled(paper, names.of_kind(kind))


def paper_help(paper: PaperKind, kind: str | None) -> Words:
    """Return the line that says what a kind of paper is, as it is said of a cluster of that kind."""
    return own_words(f"paper.help_{paper}").of_kind(kind)
