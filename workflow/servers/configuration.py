"""Writes the configuration of the private PostgreSQL, anew at every start.

So a moved data folder or a new release of ours takes effect, and nobody can loosen who may connect for good.
"""

import secrets
from collections.abc import Sequence

from workflow.servers.accounts import current
from workflow.servers.places import Places

CONFIGURATION = """\
# Written by Commendo at every start; changes here are lost.
listen_addresses = ''
port = 5432
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
hba_file = {hba}
ident_file = {ident}
cluster_name = 'commendo'
max_connections = 100
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
datestyle = 'iso, ymd'
default_text_search_config = 'pg_catalog.simple'
logging_collector = on
log_directory = {logs}
log_filename = 'postgres-%a-%H.log'
log_rotation_age = 1h
log_rotation_size = 10MB
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
"""
# Only for servers that are thrown away: what it loses in a power cut is gone anyway.
WITHOUT_DURABILITY = """\
fsync = off
synchronous_commit = off
full_page_writes = off
"""
WHO_CONNECTS = "local all all peer map=commendo\n"


def configure(places: Places, *, roles: Sequence[str], durable: bool) -> None:
    """Write who may connect as which of the roles and how the server runs; it reads that when it starts."""
    folder = places.configuration
    accounts = sorted({current().name, "root"})
    text = CONFIGURATION.format(
        # The setting is a list: the inner quotes keep a comma in a folder's name from splitting it.
        sockets=_quoted('"' + str(places.sockets).replace('"', '""') + '"'),
        hba=_quoted(str(folder / "hba.conf")),
        ident=_quoted(str(folder / "ident.conf")),
        logs=_quoted(str(places.logs)),
    )
    for name, content in (
        ("postgres.conf", text if durable else text + WITHOUT_DURABILITY),
        ("hba.conf", WHO_CONNECTS),
        ("ident.conf", "".join(f'commendo "{account}" {role}\n' for account in accounts for role in roles)),
    ):
        fresh = folder / f"{name}.{secrets.token_hex(4)}"
        try:
            fresh.write_text(content, encoding="utf-8")
            fresh.chmod(0o644)
            fresh.replace(folder / name)
        finally:
            # On a full disk each try would leave one more.
            fresh.unlink(missing_ok=True)


def _quoted(value: str) -> str:
    """Quote a value for PostgreSQL's configuration file, where a backslash and a quote are written twice."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
