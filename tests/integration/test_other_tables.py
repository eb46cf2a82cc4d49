"""What is answered while the tables are of another release: come again, as of a database that is gone."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.problems import problem_of


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("SELECT 1 FROM of_a_later_release", (503, "unavailable")),
        ("SELECT of_a_later_release FROM unit", (503, "unavailable")),
        ("SELECT of_a_later_release(1)", (503, "unavailable")),
        ("CREATE TABLE of_nobody (id int)", (503, "unavailable")),
        ("SELECT 1 / 0", (500, "internal-error")),
    ],
)
def test_tables_of_another_release_are_no_fault_of_the_request(
    session: Session, statement: str, answer: tuple[int, str]
) -> None:
    with pytest.raises(DBAPIError) as caught:
        session.execute(text(statement))
    session.rollback()
    problem = problem_of(caught.value)
    assert (problem.status, problem.code) == answer
