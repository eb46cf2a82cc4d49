"""The declarative base, its naming convention, the column types of every table, and rows given as a table."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    Boolean,
    CheckConstraint,
    ColumnElement,
    DateTime,
    Identity,
    MetaData,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, mapped_column

BigKey = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]


class Base(DeclarativeBase):
    """Every table of the product; constraint names are stable so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute, nobody changes it
        str: Text(),
        int: BigInteger(),
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text()),
        list[datetime]: ARRAY(DateTime(timezone=True)),
        dict[str, object]: JSONB(),
    }


def known(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the constraint that a column holds one of these words, or nothing where it may be null.

    A word that no release knows would stop every list in which its row stands.
    """
    words = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({words})", name=f"{column}_known")


def object_in(column: str) -> CheckConstraint:
    """Return the constraint that a column of JSON holds an object."""
    return CheckConstraint(f"jsonb_typeof({column}) = 'object'", name=f"{column}_object")


def table_of(model: type[Base]) -> Table:
    """Return a model's table, for Core statements on the decision path: they cost a fraction of a flush."""
    return cast("Table", model.__table__)


def given(name: str, columns: Mapping[str, tuple[str, Any]]) -> Any:  # noqa: ANN401 - SQLAlchemy's own type is not public
    """Return the rows that a statement is given, as arrays of one length, as a table to join.

    `columns` names for each parameter, an array, the column that it becomes and that column's type.
    """
    return (
        func.unnest(*(bindparam(values, type_=ARRAY(kind)) for values, (_, kind) in columns.items()))
        .table_valued(*(column(title, kind) for title, kind in columns.values()))
        .render_derived(name=name)
    )


def switch(name: str) -> BindParameter[bool]:
    """Return a parameter, true or false, that is written into the text of its statement.

    The server plans without whatever it turns off; of a value that it is told later it could not know.
    """
    return bindparam(name, type_=Boolean(), literal_execute=True)


def told(name: str, words: str, columns: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
    """Return the rows that a statement is told in one text, a JSON list of objects, as a table to join.

    `words` is the parameter's name, `columns` the type of each column. For what runs once a letter: of arrays
    the server knows how many values they hold, and so plans anew each time, which takes longer than the rest.
    """
    rows = func.json_to_recordset(bindparam(words, type_=JSON))
    return rows.table_valued(*(column(title, kind) for title, kind in columns.items())).render_derived(
        name=name, with_types=True
    )


def among(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """Return the condition that a column is one of the values, however many: they are one array.

    With a list the text would be another for each number of values, and each text is a statement of its own,
    which the driver would seldom see often enough to prepare it.
    """
    found = bindparam(None, sorted(values), type_=ARRAY(column.type), unique=True)
    return column == any_(found)
