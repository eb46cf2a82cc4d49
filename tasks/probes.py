"""Whether Redis and the mail server do their work: asked of them, and nothing of what they say told on."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from tasks.smtp import SmtpTransport
from tasks.work import Reach
from workflow.operations.mail.post import MailServerAwayError

BROKER_SECONDS: Final = 2.0
MAIL_SECONDS: Final = 4.0
"""How long a mail server may take to greet us, agree on TLS and let us sign in, until it counts as unwell."""

_BROKER: Final = "broker"
_MAIL_SERVER: Final = "mail_server"
_KEY: Final = "commendo:ready"
_KEPT_SECONDS: Final = 60


def probes(reach: Reach) -> dict[str, Callable[[], bool]]:
    """Return the questions to what these settings name, each with how it is asked; no server, no question."""
    found: dict[str, Callable[[], bool]] = {}
    if reach.redis_url is not None:
        found[_BROKER] = partial(does_broker_write, reach.redis_url)
    if reach.settings.smtp_url is not None:
        found[_MAIL_SERVER] = partial(does_mail_server_greet, reach.settings.smtp_url)
    return found


def does_broker_write(redis_url: str) -> bool:
    """Return whether Redis takes a write: one that is full answers pings all the same."""
    client = Redis.from_url(redis_url, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS)
    with suppress(RedisError, OSError), client:
        return bool(client.set(_KEY, 1, ex=_KEPT_SECONDS))
    return False


def does_mail_server_greet(smtp_url: str) -> bool:
    """Return whether the mail server lets us in, as it does before every letter; none is sent."""
    transport = SmtpTransport(smtp_url, opening_seconds=MAIL_SECONDS)
    try:
        transport.greet()
    except MailServerAwayError:
        return False
    finally:
        transport.close()
    return True
