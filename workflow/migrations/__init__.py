"""The database's versions, in order; run by `commendo db upgrade` and on the first start."""
