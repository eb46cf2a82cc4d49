"""Who asks and under which address: what proxies in front say counts, what a client says does not.

`COMMENDO_TRUSTED_PROXIES` says how many there are. Each adds one entry at the right of X-Forwarded-For, so
only as many from the right are believed. The site's own address, its scheme included, is COMMENDO_BASE_URL.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.middleware.proxy_fix import ProxyFix

from workflow.settings import Settings

_PORTS: Final = {"http": "80", "https": "443"}


def behind(application: WSGIApplication, settings: Settings) -> WSGIApplication:
    """Return the application as it sees requests: by the address of the site, from whom the proxies say."""
    inner = _at_home(application, settings.base_url)
    count = settings.trusted_proxies
    return ProxyFix(inner, x_for=count, x_proto=0, x_host=0, x_port=0, x_prefix=0) if count else inner


def _at_home(application: WSGIApplication, base_url: str) -> WSGIApplication:
    """Put the site's address where a client's Host and a server's SCRIPT_NAME would stand.

    A link made from them could lead away (a poisoned cache, a password mail). A proxy may strip the path of
    the site's address or leave it.
    """
    site = urlsplit(base_url)
    host, prefix = site.netloc.rpartition("@")[2], site.path.rstrip("/")
    name, port = site.hostname or "", str(site.port or _PORTS[site.scheme])

    def asked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if prefix and (path == prefix or path.startswith(f"{prefix}/")):
            path = path.removeprefix(prefix)
        environ |= {
            "HTTP_HOST": host,
            "SERVER_NAME": name,
            "SERVER_PORT": port,
            "SCRIPT_NAME": prefix,
            "PATH_INFO": path,
            "wsgi.url_scheme": site.scheme,
        }
        return application(environ, start_response)

    return asked
