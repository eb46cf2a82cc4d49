"""What a setting may say and what is made of it; a wrong one is told in words that show a right one."""

import re
from datetime import time
from email.utils import getaddresses
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr, StringConstraints
from pydantic_settings import NoDecode

SECRET_LENGTH: Final = 32
# RFC 5321, 4.5.3.1.1: 64 octets, of which "+" and the receipt of a letter take 49.
_LONGEST_REPORT_LOCAL: Final = 15


def _postgresql(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError("must look like postgresql://user:password@host:5432/name")
    if not urlsplit(value).path.strip("/"):
        raise ValueError("must name a database, as in postgresql://user:password@host:5432/name")
    return f"postgresql+psycopg://{rest}"


def _redis(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme in ("redis", "rediss") and parts.hostname:
        return value
    if parts.scheme == "unix" and parts.path:
        return value
    raise ValueError("must look like redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket")


def _mail_server(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587 or smtps://user:password@host:465")
    return value


def _one_sender(value: str) -> str:
    addresses = [address for _, address in getaddresses([value])]
    if len(addresses) != 1 or not re.fullmatch(r"[^@\s]+@[^@\s]+", addresses[0]) or not value.isprintable():
        raise ValueError("must be one address, as in Commendo <commendo@example.org>")
    return value


def _one_mailbox(value: str) -> str:
    if not re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+", value):
        raise ValueError("must be one address, as in thidua@example.org")
    return value


def _for_reports(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if (
        not re.fullmatch(rf"[A-Za-z0-9._-]{{1,{_LONGEST_REPORT_LOCAL}}}", local)
        or not at
        or not domain.isascii()
    ):
        limit = f"at most {_LONGEST_REPORT_LOCAL} characters before the @"
        raise ValueError(f"must be one address with {limit}, as in bounces@example.org")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", domain):
        raise ValueError("must be one address, as in bounces@example.org")
    return value


# It comes into links and headers as it is: no user, no spelling that a browser would write otherwise.
_SITE: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:/(?!\.+(?:/|$))[a-z0-9._~-]+)*/?",
    re.IGNORECASE | re.ASCII,
)
_HIGHEST_PORT: Final = 65_535


def _this_site(value: str) -> str:
    found = _SITE.fullmatch(value)
    if found is None or not 0 < int(found["port"] or 1) <= _HIGHEST_PORT:
        raise ValueError("must be the address people open, as in https://commendo.example.org")
    # Whether a cookie goes over TLS alone is asked of the scheme.
    return found["scheme"].lower() + value.removeprefix(found["scheme"]).rstrip("/")


def _long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < SECRET_LENGTH:
        raise ValueError(f"must have at least {SECRET_LENGTH} characters")
    return value


def _absolute(value: Path) -> Path:
    return value.expanduser().resolve()


def _one_line(value: str) -> str:
    tag = value.strip().removeprefix("[").removesuffix("]").strip()
    if not tag.isprintable():
        raise ValueError("must be a few words on one line, as in Awards; empty for no tag")
    return tag


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("must be a zone of the IANA list, as in Asia/Ho_Chi_Minh") from error
    return value


PostgresUrl = Annotated[str, AfterValidator(_postgresql)]
RedisUrl = Annotated[str, AfterValidator(_redis)]
_HOUR: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def _clock(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _HOUR.fullmatch(value.strip())
    if found is None:
        raise ValueError("must look like 07:30")
    return time(int(found[1]), int(found[2]))


def _quiet_hours(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.strip().lower() == "none":
        return time(0), time(0)
    begins, separator, ends = value.partition("-")
    try:
        return _clock(begins), _clock(ends if separator else "")
    except ValueError as error:
        raise ValueError("must look like 20:00-07:00, or none") from error


MailServerUrl = Annotated[str, AfterValidator(_mail_server)]
Sender = Annotated[str, AfterValidator(_one_sender)]
OneMailbox = Annotated[str, AfterValidator(_one_mailbox)]
BounceAddress = Annotated[str, AfterValidator(_for_reports)]
SiteUrl = Annotated[str, AfterValidator(_this_site)]
LongSecret = Annotated[SecretStr, AfterValidator(_long_enough)]
Folder = Annotated[Path, AfterValidator(_absolute)]
SubjectTag = Annotated[str, StringConstraints(max_length=40), AfterValidator(_one_line)]
ZoneName = Annotated[str, AfterValidator(_known_zone)]
HourOfDay = Annotated[time, BeforeValidator(_clock)]
# Not JSON, which the library would read a pair as.
QuietHours = Annotated[tuple[time, time], NoDecode, BeforeValidator(_quiet_hours)]
