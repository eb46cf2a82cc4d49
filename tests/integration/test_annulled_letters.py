"""An award that was annulled before its own letter left is told to nobody, unless it stands again."""

from datetime import timedelta

from tests.integration.test_annulled import ANNUL, WHY, later, letters, scene
from tests.support.mail import Scene, text_of
from tests.support.office import PAPER
from tests.support.waiting import submitted

__all__ = ["scene"]


def signed_and_annulled(scene: Scene) -> int:
    """Have an award signed, and annulled two minutes later: no letter has told of it."""
    number = submitted(scene.office, scene.clock.now())
    for part in ("reviewer", "secretary"):
        scene.office.act(part, number, "approve", scene.clock.now())
    scene.office.act("head", number, "approve", scene.clock.now(), decision=PAPER)
    scene.clock.advance(timedelta(minutes=2))
    scene.office.act("head", number, "annul", scene.clock.now(), **ANNUL)
    scene.server.inbox.mails.clear()
    return number


def told(scene: Scene, number: int) -> list[tuple[str, str]]:
    return [one[:2] for one in letters(scene.session, number, "approved", "annulled", "reinstated")]


def test_nobody_is_told_of_an_award_that_was_annulled_before_its_letter_left(scene: Scene) -> None:
    number = signed_and_annulled(scene)
    later(scene)
    later(scene)
    assert told(scene, number) == [("approved", "cancelled"), ("annulled", "sent")]
    [mail] = scene.server.inbox.mails
    assert "đã bị hủy bỏ" in text_of(mail)


def test_an_award_that_stands_again_before_its_letter_left_is_told_after_all(scene: Scene) -> None:
    number = signed_and_annulled(scene)
    later(scene, timedelta(minutes=9))
    assert told(scene, number) == [("approved", "cancelled"), ("annulled", "new")]
    scene.office.act("head", number, "reinstate", scene.clock.now(), **WHY)
    later(scene)
    assert sorted(told(scene, number)) == [("annulled", "cancelled"), ("approved", "sent")]
    [mail] = scene.server.inbox.mails
    assert "Bước hiện tại: Đã có quyết định" in text_of(mail)
