"""names folded anew.

A name that is folded by another rule is found by its new spelling: nothing of the application changes a name, but
the owner's hand and later releases do. The trigger fires only where a statement writes that column.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION note_renamed_nomination() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO searched_name (name) SELECT NEW.name_search
            WHERE NOT EXISTS (SELECT FROM searched_name AS known WHERE known.name = NEW.name_search);
            RETURN NULL;
        END $body$
        """
    )
    op.execute(
        "CREATE TRIGGER nomination_is_renamed AFTER UPDATE OF name_search ON nomination FOR EACH ROW"
        " WHEN (OLD.name_search IS DISTINCT FROM NEW.name_search) EXECUTE FUNCTION note_renamed_nomination()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER nomination_is_renamed ON nomination")
    op.execute("DROP FUNCTION note_renamed_nomination()")
