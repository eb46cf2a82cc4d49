"""Undoing what was just decided: which decisions can be undone, and so until when their mails wait."""

from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import Via


def can_be_undone(definition: Definition, action: str, source: str, *, via: str) -> bool:
    """Return whether what was done is a decision that whoever made it may undo: a move of the definition.

    What was taken back, withdrawn or handed over has ways of its own, and an import is undone as a whole.
    """
    is_move = definition.has_step(source) and any(
        move.name == action for move in definition.moves_from(source)
    )
    return is_move and via != Via.IMPORT
