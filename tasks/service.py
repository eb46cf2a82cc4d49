"""What a process says to whoever started it: systemd's notices, an end together with its parent, its name."""

import ctypes
import signal
import socket
import sys
from contextlib import suppress
from typing import Final

from workflow.settings import notice_socket

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NAME: Final = 15


def notify(words: str) -> None:
    """Tell systemd, in the words of sd_notify(3); without a systemd that listens it does nothing."""
    address = notice_socket()
    if not address:
        return
    # An @ stands for the null byte of Linux' abstract names.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.settimeout(1.0)
        link.sendto(words.encode(), name)


def end_with_parent() -> None:
    """Ask the kernel for a SIGKILL when the parent dies, where it can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def take_name(name: str) -> None:
    """Be called so by `ps` and `top`, where the kernel can (Linux): alike ones are told apart by it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode())
