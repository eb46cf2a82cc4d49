"""The product's own web server on a database, and people signed in to it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import select

from api.wsgi import create_app
from tests.support.running import free_port
from workflow.clock import wait_for
from workflow.domain.rights.policy import Actor
from workflow.operations.people.tokens import digest, new_token
from workflow.settings import Settings
from workflow.store.access import Account, ApiToken, WebSession
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.people import load_actor

TIMEZONE: Final = "Asia/Ho_Chi_Minh"
_SECRET: Final = "a secret of one measurement, long enough"
_PATIENCE: Final = 240.0


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads: what their browser and their program send along, and what they may see."""

    name: str
    actor: Actor
    token: str
    cookie: str

    def headers(self, path: str) -> dict[str, str]:
        """Return what identifies them at this address."""
        if path.startswith("/api/"):
            return {"Authorization": f"Bearer {self.token}"}
        return {"Cookie": f"commendo={self.cookie}"}


@contextmanager
def serving(url: str, folder: Path) -> Iterator[int]:
    """Run `commendo web` on the database for as long as the block lasts, and give its port."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "COMMENDO_ENV": "development",
        "COMMENDO_DATABASE_URL": url,
        "COMMENDO_SECRET_KEY": _SECRET,
        "COMMENDO_DATA_DIR": str(folder),
        "COMMENDO_TIMEZONE": TIMEZONE,
    }
    with running([sys.executable, "-m", "api.cli", "web", "--port"], settings) as port:
        yield port


@contextmanager
def running(command: Sequence[str], settings: Mapping[str, str] | None = None) -> Iterator[int]:
    """Run a web server whose last word is its port, and give the port once it answers."""
    port = free_port()
    given = {name: value for name, value in os.environ.items() if not name.startswith("COMMENDO_")}
    process = subprocess.Popen(
        [*command, str(port)],
        cwd=Path(__file__).parents[3],
        env=given | dict(settings or {}),
        stdout=sys.stderr,
    )
    try:
        assert wait_for(lambda: _answers(port), seconds=_PATIENCE, every=0.1), "the web does not answer"
        yield port
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE)


def sessions_on(url: str) -> Sessions:
    """Return sessions on the database; the engine goes with them."""
    return make_sessions(make_engine(url), timezone=TIMEZONE)


def sign_in(sessions: Sessions, emails: dict[str, str]) -> list[Reader]:
    """Give each account a token and an open session of today, and return who they are."""
    sign = SecureCookieSessionInterface().get_signing_serializer(
        create_app(Settings(secret_key=_SECRET, timezone=TIMEZONE), sessions=sessions)
    )
    assert sign is not None
    now = datetime.now(UTC)
    readers = []
    with sessions() as session:
        for name, email in emails.items():
            account_id = session.scalars(select(Account.id).where(Account.email == email)).one()
            actor = load_actor(session, account_id, today=now.date())
            assert actor is not None
            token, secret = new_token(), new_token()
            session.add(
                ApiToken(
                    token_hash=digest(token),
                    account_id=account_id,
                    created_at=now,
                    expires_at=now + timedelta(days=1),
                )
            )
            session.add(
                WebSession(token_hash=digest(secret), account_id=account_id, created_at=now, seen_at=now)
            )
            cookie = sign.dumps({"token": secret})
            readers.append(Reader(name, actor, token, cookie if isinstance(cookie, str) else cookie.decode()))
        session.commit()
    return readers


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
