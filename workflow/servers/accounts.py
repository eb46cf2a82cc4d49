"""Whose rights the private servers run with, and the one error they raise."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PREFERRED = ("postgres", "nobody")
# Ours is the only reader of the environment, and a server needs nothing of it.
SERVER_ENVIRONMENT = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class EmbeddedError(Exception):
    """The private services cannot be used here; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class SystemAccount:
    """An operating-system account; `is_ours` when it is the one this process runs as."""

    name: str
    uid: int
    gid: int
    is_ours: bool

    def own(self, path: Path) -> None:
        """Give a path that we made to this account."""
        if not self.is_ours:
            os.chown(path, self.uid, self.gid)

    def run(self, command: Sequence[str | Path], *, folder: Path) -> tuple[int, str]:
        """Run a command to its end as this account and answer its exit code and everything it printed.

        The output goes through a file, because a server that the command leaves behind would keep a pipe
        open.
        """
        rights = {} if self.is_ours else {"user": self.uid, "group": self.gid, "extra_groups": []}
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            done = subprocess.run(  # noqa: S603 - our own binaries, by absolute path, without a shell
                [str(word) for word in command],
                cwd=folder,
                env=SERVER_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                **rights,  # type: ignore[call-overload]  # these three by their names, or none
            )
            output.seek(0)
            return done.returncode, output.read().strip()


def current() -> SystemAccount:
    """Answer the account of this process; a uid without a name is refused, as PostgreSQL refuses it too."""
    uid = os.geteuid()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError as error:
        raise EmbeddedError(
            f"The account with uid {uid} has no name on this system and PostgreSQL will not run as it. "
            "Add it to /etc/passwd, or set COMMENDO_DATABASE_URL and COMMENDO_MIGRATION_URL."
        ) from error
    return SystemAccount(entry.pw_name, uid, entry.pw_gid, is_ours=True)


def for_servers() -> SystemAccount:
    """Answer the account for the servers: our own, or, as root, one without rights that exists already."""
    if os.geteuid() != 0:
        return current()
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return SystemAccount(entry.pw_name, entry.pw_uid, entry.pw_gid, is_ours=False)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and this system has no account named postgres or nobody. "
        "Run commendo as an ordinary account."
    )
