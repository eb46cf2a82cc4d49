"""Where the private servers keep their files.

An ordinary account has everything under `embedded` of its data folder. Root cannot: the servers run as an
account that may not enter root's folders, and opening those is not ours to do. So root's servers live under
the system's state folder, and the data folder holds a pointer to them.
"""

import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workflow.servers.accounts import EmbeddedError, SystemAccount, for_servers

STATE_FOLDER = Path("/var/lib/commendo")
# The kernel's field has 108 bytes and the last one ends the text (unix(7), sun_path).
LONGEST_SOCKET = 107
# What PostgreSQL takes for each piece of its log (wal_segment_size), before it is of use to anybody.
LEAST_BYTES = 16 * 1024 * 1024
SOCKET_NAMES = (".s.PGSQL.5432.lock", "redis.sock")


@dataclass(frozen=True, slots=True)
class Places:
    """Every path of one data folder's servers."""

    base: Path
    home: Path
    sockets: Path
    account: SystemAccount
    throwaway: bool

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.home / "cluster"

    @property
    def unfinished(self) -> Path:
        """Where a cluster is made before it takes its place; whatever is there is of no use to anybody."""
        return self.home / "cluster.new"

    @property
    def configuration(self) -> Path:
        """What we write and the servers only read; their account may not change it."""
        return self.home / "configuration"

    @property
    def logs(self) -> Path:
        """What the servers write about themselves."""
        return self.home / "logs"

    @property
    def shelf(self) -> Path:
        """Where root's copies of the programs stand, shared by all data folders."""
        return STATE_FOLDER

    def lack_of_room(self) -> str:
        """Answer in a sentence that their disk is full, nothing where there is room for a segment of log."""
        is_full = shutil.disk_usage(self.home).free < LEAST_BYTES
        return f"There is no room left where {self.home} lies. " if is_full else ""

    def discard(self) -> None:
        """Remove the servers' files, and only these; the caller has stopped the servers."""
        for folder in (self.cluster, self.unfinished, self.configuration, self.logs, self.sockets):
            shutil.rmtree(folder, ignore_errors=True)
        (self.base / "sockets").unlink(missing_ok=True)
        if self.home != self.base:
            self.home.rmdir()
            (self.base / "home").unlink()


def base_folder(data_dir: Path) -> Path:
    """Make the data folder if need be, and answer the part of it that is the servers'."""
    base = data_dir.resolve() / "embedded"
    base.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    base.mkdir(mode=0o700, exist_ok=True)
    owner = base.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedError(
            f"{base} belongs to the account with uid {owner}. Run commendo as that account, or set "
            "COMMENDO_DATA_DIR to a folder of your own."
        )
    return base


def settle(base: Path, *, throwaway: bool) -> Places:
    """Find the places of a data folder, making what is missing; the caller holds the lock for changes.

    `throwaway` puts what root makes under the temporary folder instead of the system's state folder.
    """
    account = for_servers()
    home = base if account.is_ours else _home_for_root(base, throwaway=throwaway)
    sockets = home / "sockets" if not account.is_ours else _sockets(base)
    places = Places(base, home, sockets, account, throwaway)
    _make(places.configuration, mode=0o755)
    for folder in (places.logs, places.sockets):
        _make(folder, mode=0o700)
        account.own(folder)
    _check_private(sockets, account)
    longest = max(len(os.fsencode(sockets / name)) for name in SOCKET_NAMES)
    if longest > LONGEST_SOCKET:
        raise EmbeddedError(
            f"A socket under {sockets} would need a path of {longest} bytes and a socket may have "
            f"{LONGEST_SOCKET}. Set COMMENDO_DATA_DIR to a shorter path."
        )
    return places


def _home_for_root(base: Path, *, throwaway: bool) -> Path:
    pointer = base / "home"
    if pointer.is_symlink():
        home = pointer.readlink()
        if not home.is_dir():
            raise EmbeddedError(
                f"{pointer} says that the database is in {home}, and that folder is not there. Bring "
                f"it back, or remove {base} to start afresh."
            )
        return home
    if throwaway:
        parent = Path(tempfile.gettempdir())
    else:
        parent = STATE_FOLDER
        _make(parent, mode=0o755)
        status = parent.stat()
        if status.st_uid != 0 or stat.S_IMODE(status.st_mode) & 0o022:
            raise EmbeddedError(
                f"{parent} can be written by others than root; the database is not put there."
            )
    # The random part: a data folder that was removed and made again starts afresh and never meets the old
    # cluster.
    # Resolved, because a process shows its working folder so, and that is how ours are recognised.
    home = parent.resolve() / f"commendo-{_digest(base)}-{secrets.token_hex(4)}"
    _make(home, mode=0o711)
    pointer.symlink_to(home)
    return home


def _sockets(base: Path) -> Path:
    """Answer the data folder's own place for sockets, or a private one elsewhere if its path is too long."""
    pointer = base / "sockets"
    if pointer.is_symlink():
        return pointer.readlink()
    if max(len(os.fsencode(pointer / name)) for name in SOCKET_NAMES) <= LONGEST_SOCKET:
        return pointer
    elsewhere = Path(tempfile.gettempdir()) / f"commendo-{os.geteuid()}-{_digest(base)}"
    pointer.symlink_to(elsewhere)
    return elsewhere


def _make(folder: Path, *, mode: int) -> None:
    """Make one folder with exactly this mode, whatever the umask; one that exists is left as it is."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return
    except OSError as error:
        raise EmbeddedError(
            f"{folder} could not be made: {error.strerror}. Make room for it, run commendo as an ordinary "
            "account, or set COMMENDO_DATABASE_URL and COMMENDO_MIGRATION_URL."
        ) from error
    folder.chmod(mode)


def _check_private(folder: Path, account: SystemAccount) -> None:
    """Refuse a folder for sockets that somebody else has put there before us, as anyone can under /tmp."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
        raise EmbeddedError(f"{folder} is not a private folder of {account.name}; remove it and start again.")


def _digest(base: Path) -> str:
    return hashlib.sha256(os.fsencode(base)).hexdigest()[:12]
