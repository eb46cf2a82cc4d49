"""Names of one list are one line of the letter of a morning, and open where the list is decided."""

from tests.integration.test_digest import address, morning, scene, shown
from tests.support.lists import add_colleagues, compose, names_of, row
from tests.support.mail import BASE_URL, Scene
from tests.support.waiting import submitted

__all__ = ["scene"]


def test_a_list_is_one_line_of_the_morning_beside_what_stands_alone(scene: Scene) -> None:
    now = scene.clock.now()
    made = compose(scene.office, [row(code) for code in add_colleagues(scene.session, 5)], now)
    [paper], names = made.submissions, names_of(made)
    for number in names:
        scene.office.act("nominator", number, "submit", now)
    alone = submitted(scene.office, now)
    morning(scene)
    text = shown(scene)
    assert f"{BASE_URL}/submissions/{paper.submission_id}/decide?only={names[0]}-{names[-1]}" in text
    assert "Gồm: Cán bộ DS0001, Cán bộ DS0002, Cán bộ DS0003 và 2 hồ sơ khác" in text
    assert [address(number) in text for number in (*names, alone)] == [False] * 5 + [True]
