"""Whom a comment names is told of it, and nobody who may not read it; whoever writes is told who is not."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.functional.test_comments import COLLEAGUES, DEPUTY, HEAD, OFFICER, WORDS, paper
from tests.support.absences import go_away
from tests.support.pages import browser
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account, Grant
from workflow.store.mail import Outbox
from workflow.store.mentions import Mention

__all__ = ["paper"]

PERSON = COLLEAGUES[0]
NAMES = {DEPUTY: "DV01 PT", HEAD: "DV01 TT", OFFICER: "DV01 CB", "QT": "Cán bộ QT", "TK": "Cán bộ TK"}


def say(paper, part, text=WORDS, *, person=PERSON, audience="nominator", named=(), **request):
    ids = paper.sector.office.ids
    body = {"text": text, "audience": audience, "mentions": [ids[one] for one in named]}
    answer = paper.sector.post(part, f"/nominations/{paper.names[person]}/comments", body, **request)
    assert answer.status_code == 200, answer.text
    return answer.json["items"][-1]


def waiting(paper, part):
    found = paper.sector.get(part, "/inbox/mentions").json["items"]
    counts = paper.sector.get(part, "/inbox/counts").json
    assert counts["mentions"] == len(found)
    return [(one["subject"], one["by"]["name"], one["named"]["name"]) for one in found]


def written_to(paper, session):
    session.rollback()
    ids = {number: part for part, number in paper.sector.office.ids.items()}
    rows = session.scalars(select(Outbox.account_id).where(Outbox.notice == "mentioned").order_by(Outbox.id))
    return [ids[one] for one in rows]


@pytest.mark.parametrize("way", ["ticked", "called", "called_plainly", "by_account", "both_twice"])
def test_whoever_is_named_gets_a_letter_and_a_line_in_their_work(paper, session, way):
    text, named = {
        "ticked": (WORDS, (DEPUTY,)),
        "called": ("@DV01 PT xem giúp.", ()),
        "called_plainly": ("nhờ @dv01 pt, xem giúp", ()),
        "by_account": ("@dv01-pt@example.vn xem giúp", ()),
        "both_twice": ("@DV01 PT xem, @dv01-pt nhé", (DEPUTY, DEPUTY)),
    }[way]
    said = say(paper, HEAD, text, named=named)
    assert said["comment"]["mentioned"] == ["DV01 PT"]
    assert said["comment"]["unheard"] == []
    assert written_to(paper, session) == [DEPUTY]
    [(_, by, whom)] = waiting(paper, DEPUTY)
    assert (by, whom) == ("DV01 TT", "DV01 PT")
    assert waiting(paper, OFFICER) == []
    assert verify_chains(session).problems == ()


@pytest.mark.parametrize(
    ("audience", "told"),
    [("unit", [DEPUTY, OFFICER]), ("reviewers", [DEPUTY, "QT"]), ("nominator", [DEPUTY, OFFICER, "QT"])],
)
def test_who_may_not_read_it_is_told_nothing_and_the_writer_who_that_is(paper, session, audience, told):
    asked = [DEPUTY, OFFICER, "QT", "TK"]
    text = " ".join(f"@{NAMES[one]}," for one in asked)
    said = say(paper, HEAD, text, audience=audience)
    assert sorted(written_to(paper, session)) == sorted(told)
    assert sorted(said["comment"]["unheard"]) == sorted(NAMES[one] for one in asked if one not in told)
    for part in asked:
        assert len(waiting(paper, part)) == (part in told)
        mine = paper.sector.get(part, f"/nominations/{paper.names[PERSON]}/comments")
        heard = mine.json["items"][-1]["comment"]["unheard"] if part in told else []
        assert heard == [], "whom it did not reach is for the writer alone"


def test_the_nominee_is_never_told_whoever_names_them_or_asks_them_to_stand_in(paper, session, clock):
    said = say(paper, DEPUTY, "@DV01 TT xem", person=HEAD, named=(HEAD,))
    assert (said["comment"]["mentioned"], said["comment"]["unheard"]) == ([], ["DV01 TT"])
    go_away(paper.sector.office, clock, OFFICER, HEAD)
    say(paper, DEPUTY, person=HEAD, named=(OFFICER,))
    assert HEAD not in written_to(paper, session)
    assert waiting(paper, HEAD) == []


def test_who_stands_in_for_the_named_is_written_to_and_both_find_it(paper, session, clock):
    go_away(paper.sector.office, clock, DEPUTY, OFFICER)
    say(paper, HEAD, audience="unit", named=(DEPUTY,))
    assert written_to(paper, session) == [OFFICER]
    assert [whom for _, _, whom in waiting(paper, OFFICER)] == ["DV01 PT"]
    assert [whom for _, _, whom in waiting(paper, DEPUTY)] == ["DV01 PT"]


def test_it_waits_until_it_is_read_answered_or_taken_back(paper, session):
    first, second, third = (say(paper, HEAD, named=(DEPUTY,)) for _ in range(3))
    path = f"/nominations/{paper.names[PERSON]}/comments"
    for _ in range(2):
        assert paper.sector.post(DEPUTY, f"{path}/{first['id']}/read", {}).status_code == 200
        assert len(waiting(paper, DEPUTY)) == 2
    assert paper.sector.post(OFFICER, f"{path}/{second['id']}/read", {}).status_code == 404
    assert paper.sector.post(HEAD, f"{path}/{third['id']}/withdraw", {}).status_code == 200
    assert len(waiting(paper, DEPUTY)) == 1
    shown = paper.sector.get(DEPUTY, path).json["items"][-1]["comment"]
    assert (shown["mentioned"], shown["names_me"]) == ([], False)
    say(paper, DEPUTY, "Đã xem.")
    assert waiting(paper, DEPUTY) == []
    session.rollback()
    assert None not in session.scalars(select(Mention.closed_at)).all()


def test_once_it_is_closed_nothing_waits(paper):
    say(paper, HEAD, named=(DEPUTY,))
    paper.act(HEAD, "reject", nominations=[paper.names[PERSON]], comment="Chưa đủ.", reason_code="other")
    assert waiting(paper, DEPUTY) == []


def test_of_two_with_one_name_the_writer_says_which(paper, session):
    session.execute(update(Account).where(Account.name == "DV01 CB").values(name="DV01 PT"))
    session.commit()
    ids = paper.sector.office.ids
    path = f"/nominations/{paper.names[PERSON]}/comments"
    body = {"text": "@DV01 PT xem", "audience": "unit"}
    refused = paper.sector.post(HEAD, path, body)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "mentions")
    assert paper.sector.get(HEAD, path).json["items"] == []
    say(paper, HEAD, body["text"], audience="unit", named=(OFFICER,))
    assert written_to(paper, session) == [OFFICER]
    assert ids[OFFICER] != ids[DEPUTY]


def test_a_repeated_request_tells_once_and_says_the_same(paper, session):
    for _ in range(2):
        say(paper, HEAD, named=(DEPUTY,), headers={"Idempotency-Key": "one-comment-of-mine"})
    assert written_to(paper, session) == [DEPUTY]
    assert len(waiting(paper, DEPUTY)) == 1


def test_the_page_offers_whom_to_tell_keeps_the_ticks_and_shows_who_was_told(paper, session, database, clock):
    number, ids = paper.names[PERSON], paper.sector.office.ids
    head, deputy = browser(database.sessions, clock), browser(database.sessions, clock)
    for one, email in ((head, "dv01-tt@example.vn"), (deputy, "dv01-pt@example.vn")):
        assert one.sign_in(email).status_code == 303
    head.open(f"/nominations/{number}")
    offered = re.findall(r'name="mentions" value="(\d+)"', head.page.get_data(as_text=True))
    assert sorted(map(int, offered)) == sorted([ids[DEPUTY], ids[OFFICER]])
    form = {"audience": "unit", "mentions": str(ids[DEPUTY])}
    assert head.send("/comments", {**form, "text": " "}).status_code == 422
    assert f'id="mention-{ids[DEPUTY]}" checked' in head.page.get_data(as_text=True)
    assert head.send("/comments", {**form, "text": "@Cán bộ TK và bạn xem"}).status_code == 303
    head.open(f"/nominations/{number}")
    assert "nhắc đến DV01 PT" in head.text
    assert "Chưa báo vì không được đọc ý kiến này: Cán bộ TK." in head.text
    deputy.open(f"/nominations/{number}")
    assert "nhắc đến bạn" in deputy.text
    deputy.open("/")
    assert "Ý kiến nhắc đến bạn" in deputy.text
    assert deputy.send("/read").status_code == 303
    deputy.open("/")
    assert "Ý kiến nhắc đến bạn" not in deputy.text


def test_whoever_lost_the_seat_finds_it_no_more(paper, session, clock):
    say(paper, HEAD, audience="unit", named=(DEPUTY,))
    clock.advance(timedelta(days=1))
    theirs = update(Grant).where(Grant.account_id == paper.sector.office.ids[DEPUTY])
    session.execute(theirs.values(valid_to=clock.now().date()))
    session.commit()
    assert paper.sector.get(DEPUTY, "/inbox/mentions").json.get("items", []) == []


def test_that_somebody_was_written_to_is_told_to_readers_of_the_comment_alone(paper):
    say(paper, HEAD, audience="unit", named=(DEPUTY,))
    say(paper, DEPUTY, person=HEAD, named=(OFFICER,))
    listed = {
        part: [
            mail["recipient"]["name"]
            for mail in paper.sector.get(part, f"/nominations/{paper.names[PERSON]}/mails").json["items"]
            if mail["notice"] == "mentioned"
        ]
        for part in (HEAD, DEPUTY, OFFICER, "QT")
    }
    assert listed == {HEAD: ["DV01 PT"], DEPUTY: ["DV01 PT"], OFFICER: ["DV01 PT"], "QT": []}
    own = paper.sector.get(HEAD, f"/nominations/{paper.names[HEAD]}/mails").json["items"]
    assert "mentioned" not in [mail["notice"] for mail in own]
