"""The JSON interface as a program meets it: one application on a test's database, one token per person."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from pydantic import SecretStr
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tests.support.applications import application
from tests.support.office import Office, furnish
from workflow.clock import FixedClock
from workflow.operations.people.tokens import digest
from workflow.settings import Settings
from workflow.store.access import ApiToken
from workflow.store.database import Sessions

PREFIX = "/api/v1"
DRAFT = {
    "round": "2026-NAM",
    "award": "CSTDCS",
    "unit": "VKS-AG",
    "person": "NV04",
    "achievement": "Hoàn thành xuất sắc nhiệm vụ.",
    "proposer": "Trần Thị Bích",
}
PAPER = {"number": "125/QĐ-VKSTC", "decided_on": "2026-03-02", "signer": "Nguyễn Minh Trí"}


@dataclass
class Interface:
    """An application with its office; `wakes` counts how often the workers were told to look."""

    app: Flask
    office: Office
    clock: FixedClock
    wakes: list[None] = field(default_factory=list)

    def token(self, part: str) -> str:
        """Return a token of somebody in the office, made when first asked for."""
        text = f"token-of-{part}-{'x' * 20}"
        if self.office.session.get(ApiToken, digest(text)) is None:
            now = self.clock.now()
            row = ApiToken(
                token_hash=digest(text),
                account_id=self.office.ids[part],
                created_at=now,
                expires_at=now + timedelta(days=90),
            )
            self.office.session.add(row)
            self.office.session.commit()
        return text

    def call(self, part: str, method: str, path: str, **request: Any) -> TestResponse:
        """Send a request as somebody."""
        headers = {"Authorization": f"Bearer {self.token(part)}", **request.pop("headers", {})}
        return self.app.test_client().open(PREFIX + path, method=method, headers=headers, **request)

    def get(self, part: str, path: str, **request: Any) -> TestResponse:
        """Read something as somebody."""
        return self.call(part, "GET", path, **request)

    def post(self, part: str, path: str, body: Any = None, **request: Any) -> TestResponse:
        """Send something as somebody."""
        return self.call(part, "POST", path, json=body if body is not None else {}, **request)

    def drafted(self, **changes: str | None) -> int:
        """Have the nominator draft a nomination and return its id."""
        answer = self.post("nominator", "/nominations", {**DRAFT, **changes})
        assert answer.status_code == 201, answer.text
        return int(answer.json["id"])

    def act(self, part: str, nomination_id: int, action: str, **body: Any) -> TestResponse:
        """Act at the version the nomination has now."""
        version = self.get("admin", f"/nominations/{nomination_id}").json["version"]
        return self.post(part, f"/nominations/{nomination_id}/actions/{action}", {"version": version, **body})


def interface_to(session: Session, sessions: Sessions, clock: FixedClock, settings: Settings) -> Interface:
    """Furnish an office and put the application on it."""
    office = furnish(session, now=clock.now())
    wakes: list[None] = []
    app = application(settings, sessions=sessions, clock=clock, wake=lambda: wakes.append(None))
    return Interface(app, office, clock, wakes)


def settings_for_tests(data_dir: Any) -> Settings:
    """Return settings that need no environment."""
    return Settings(
        secret_key=SecretStr("a secret that only this test knows, long enough"), data_dir=data_dir
    )
