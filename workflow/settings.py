"""Every setting of an installation, typed; the only reader of the environment.

A setting is an environment variable that starts with COMMENDO_. Whatever is missing or wrong is named at
start, all of it in one message, so that nobody has to start ten times to learn ten things.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from workflow.domain.mails.preferences import EARLIEST, USUAL, MailPreferences, Pace, PreferenceProblem
from workflow.domain.notices import SUBJECT_TAG
from workflow.domain.papers.quota import PaperQuota
from workflow.domain.time.workdays import CalendarName
from workflow.setting_types import (
    SECRET_LENGTH,
    BounceAddress,
    Folder,
    HourOfDay,
    LongSecret,
    MailServerUrl,
    OneMailbox,
    PostgresUrl,
    QuietHours,
    RedisUrl,
    Sender,
    SiteUrl,
    SubjectTag,
    ZoneName,
)

SAMPLE_SECRET = "change-me-this-sample-secret-is-public"  # noqa: S105 - public on purpose; production refuses it
CHECKOUT = Path(__file__).resolve().parents[1]
LOOPBACK_NAMES = ("localhost", "localhost.localdomain")


def default_data_dir() -> Path:
    """Answer `.commendo` of the checkout these packages lie in, else the XDG data folder."""
    if (
        (CHECKOUT / "pyproject.toml").is_file()
        and (CHECKOUT / "api").is_dir()
        and (CHECKOUT / "tasks").is_dir()
    ):
        return CHECKOUT / ".commendo"
    base = os.environ.get("XDG_DATA_HOME", "")
    # The XDG base directory specification: a relative path in the variable is to be ignored.
    root = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return root / "commendo"


def notice_socket() -> str | None:
    """Answer where systemd listens for this service's notices (sd_notify(3)), None where nobody does."""
    return os.environ.get("NOTIFY_SOCKET")


class Environment(StrEnum):
    """What this installation is for; there is no third kind."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """The settings cannot be used; every reason is in `problems`, one sentence each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """One installation's settings, read once by `load`."""

    model_config = SettingsConfigDict(
        env_prefix="COMMENDO_",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    env: Environment = Environment.DEVELOPMENT
    database_url: PostgresUrl | None = Field(default=None, repr=False)
    migration_url: PostgresUrl | None = Field(default=None, repr=False)
    redis_url: RedisUrl | None = Field(default=None, repr=False)
    smtp_url: MailServerUrl | None = Field(default=None, repr=False)
    mail_from: Sender = "Commendo <commendo@localhost>"
    bounce_address: BounceAddress | None = None
    base_url: SiteUrl = "http://127.0.0.1:8000"
    secret_key: LongSecret | None = None
    metrics_token: LongSecret | None = None
    data_dir: Folder = Field(default_factory=default_data_dir)
    timezone: ZoneName = "Asia/Ho_Chi_Minh"
    locale: Literal["vi", "en"] = "vi"
    calendar: Literal["vn", "weekdays", "none"] | None = None
    attachment_megabytes: int = Field(default=20, ge=1, le=500)
    papers_per_nomination_mb: int = Field(default=PaperQuota().nomination_megabytes, ge=1, le=1_000_000)
    papers_per_account_mb: int = Field(default=PaperQuota().account_megabytes, ge=1, le=1_000_000)
    officer_name: str = ""
    officer_telephone: str = ""
    officer_email: OneMailbox | None = None
    task_mail: Pace = Pace.DIGEST
    digest_at: HourOfDay = USUAL.digest_at
    quiet_hours: QuietHours = (USUAL.quiet_from, USUAL.quiet_until)
    subject_tag: SubjectTag | None = Field(default_factory=lambda: _empty_tag())  # noqa: PLW0108 - defined below
    undo_seconds: int = Field(default=600, ge=0, le=86_400)
    claim_days: int = Field(default=3, ge=0, le=60)
    ask_state_secrets: bool | None = None
    trusted_proxies: int = Field(default=0, ge=0, le=9)

    @property
    def is_production(self) -> bool:
        """Whether people's real nominations are at stake."""
        return self.env is Environment.PRODUCTION

    @property
    def uses_embedded_services(self) -> bool:
        """Whether PostgreSQL is the private one under the data folder."""
        return self.database_url is None

    @property
    def mail_tag(self) -> str:
        """What a line of subject begins with; empty where the installation wants none."""
        if self.subject_tag is not None:
            return self.subject_tag
        return "Awards" if self.locale == "en" else SUBJECT_TAG

    @property
    def mail_preferences(self) -> MailPreferences:
        """How mails come to people who chose nothing."""
        return MailPreferences(self.task_mail, self.digest_at, *self.quiet_hours)

    @property
    def undo_window(self) -> timedelta:
        """How long whoever decided may undo it; the mails that tell of it wait so long."""
        return timedelta(seconds=self.undo_seconds)

    @property
    def working_days(self) -> CalendarName:
        """The calendar that dates count by where no route names another: Vietnam's, unless it is English."""
        return CalendarName(self.calendar or ("weekdays" if self.locale == "en" else "vn"))

    @property
    def asks_state_secrets(self) -> bool:
        """Whether who adds a file is asked about state secrets: unless it is English, if nothing is set."""
        return self.locale != "en" if self.ask_state_secrets is None else self.ask_state_secrets

    @property
    def attachment_bytes(self) -> int:
        """How large one paper may be."""
        return self.attachment_megabytes * 1024 * 1024

    @property
    def paper_quota(self) -> PaperQuota:
        """How much paper one dossier and one account may bring."""
        return PaperQuota(self.papers_per_nomination_mb, self.papers_per_account_mb)

    @property
    def attachments_dir(self) -> Path:
        """Where the bytes of papers lie; every web process of an installation needs the same folder."""
        return self.data_dir / "attachments"

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin and due dates end."""
        return ZoneInfo(self.timezone)

    @cached_property
    def secret(self) -> str:
        """The key that signs cookies and links; development makes one on first use, kept with mode 0600."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return _kept(self.data_dir / "secret_key", lambda: secrets.token_urlsafe(48))

    @cached_property
    def audit_key(self) -> bytes:
        """The 32 bytes of the Ed25519 key that signs checkpoints of history; made on first use, mode 0600."""
        return bytes.fromhex(_kept(self.data_dir / "audit_key", lambda: secrets.token_hex(32)))

    def migration_database(self) -> str:
        """Answer the database URL of the role that owns the tables, or refuse and say how to set it."""
        if self.migration_url is None:
            raise SettingsError(
                ("COMMENDO_MIGRATION_URL: missing; migrations need the role that owns the tables.",),
            )
        return self.migration_url


def _empty_tag() -> str | None:
    """Answer no tag where the variable is there and empty: of this one setting, empty is an answer."""
    return "" if os.environ.get("COMMENDO_SUBJECT_TAG") == "" else None


def load(*, bind: str = "127.0.0.1") -> Settings:
    """Read the environment once and answer the settings, or refuse with every problem in one message.

    `bind` is the address on which this process will listen: without COMMENDO_ENV only the embedded services
    behind a loopback address are taken for development.
    """
    given: Mapping[str, object] = EnvSettingsSource(Settings)()
    problems: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings()
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            name = f"COMMENDO_{str(detail['loc'][0]).upper()}"
            problems.append(f"{name}: {detail['msg'].removeprefix('Value error, ')}.")
    problems.extend(_refusals(given, bind))
    problems.extend(_unkept_hours(settings))
    if problems or settings is None:
        raise SettingsError(tuple(problems))
    return settings


def _unkept_hours(settings: Settings | None) -> list[str]:
    """Say why the hours for mails cannot be kept, where they cannot."""
    problem = settings.mail_preferences.problem() if settings is not None else None
    words = {
        PreferenceProblem.TOO_EARLY: f"COMMENDO_DIGEST_AT: reminders are there from {EARLIEST:%H:%M} on.",
        PreferenceProblem.IN_QUIET_HOURS: "COMMENDO_DIGEST_AT: it lies in COMMENDO_QUIET_HOURS.",
        PreferenceProblem.QUIET_BY_DAY: "COMMENDO_QUIET_HOURS: they begin after noon and end before noon.",
    }
    return [words[problem]] if problem is not None else []


def _refusals(given: Mapping[str, object], bind: str) -> list[str]:
    """List what the settings, taken together, do not allow; it looks only at what was given, valid or not."""
    if "env" not in given:
        reasons = [
            f"COMMENDO_{name.upper()} is set" for name in ("database_url", "redis_url") if name in given
        ]
        if not is_loopback(bind):
            reasons.append(f"the server would listen on {bind}")
        if reasons:
            why = " and ".join(reasons)
            return [f"COMMENDO_ENV: missing; it must say development or production, because {why}."]
        return []
    if given["env"] != Environment.PRODUCTION:
        return []
    problems = []
    for name, why in (
        ("database_url", "production refuses the embedded PostgreSQL"),
        ("redis_url", "production refuses the embedded Redis"),
        ("smtp_url", "production refuses to run without a mail server"),
        ("mail_from", "mails need a sender that can be answered"),
        ("base_url", "mails need the address people open"),
        ("secret_key", f"production needs a secret of its own, at least {SECRET_LENGTH} random characters"),
    ):
        if name not in given:
            problems.append(f"COMMENDO_{name.upper()}: missing; {why}.")
    if given.get("secret_key") == SAMPLE_SECRET:
        problems.append(
            "COMMENDO_SECRET_KEY: this is the sample from the documentation; production refuses it."
        )
    return problems


def child_environment(**settings: str) -> dict[str, str]:
    """Answer the environment for a process of ours: this one's, with the given settings instead."""
    return {**os.environ, **{f"COMMENDO_{name.upper()}": value for name, value in settings.items()}}


def adopt(environment: Mapping[str, str]) -> None:
    """Take over what `child_environment` made, in a process that began before there was such a thing."""
    os.environ.update(environment)


def is_loopback(bind: str) -> bool:
    """Whether only this machine can reach a server that listens on `bind`."""
    try:
        return ip_address(bind.strip("[]")).is_loopback
    except ValueError:
        return bind in LOOPBACK_NAMES


def _kept(path: Path, make: Callable[[], str]) -> str:
    """Read a secret of the data folder, made where there is none yet; two processes at once agree on one."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
        # A link appears with its content or not at all, and the second process to come keeps the first's.
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text(encoding="ascii").strip()
