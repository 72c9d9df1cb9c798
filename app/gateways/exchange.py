"""One request over HTTP and its answer, within a time for all of it; redirects are not followed.

Certificates are checked against those the machine trusts. Proxies and passwords are never taken from the environment or a file of
the user's: a proxy is used only where it is given.
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx

#: So much of an answer is read.
LARGEST_ANSWER_BYTES = 64 << 10
#: Answers are read as they come, so they must come as they are.
_OURS = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "PC-Billing"}


class NotSent(Exception):
    """There was no connection: surely nothing of the request arrived."""


class NoAnswer(Exception):
    """The request may have arrived, and there is no answer to it."""


class ExchangeAnswer(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes


def exchange(method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, timeout_s: float, proxy: str = "") -> ExchangeAnswer:
    """Send a request and return the answer, whatever its status.

    :param timeout_s: for the whole exchange, however slowly the answer drips
    :param proxy: address of a proxy between; empty asks the server itself
    :raises NotSent: if there is no connection, or the server's certificate is not trusted
    :raises NoAnswer: if there is no answer in time, or none that can be read
    """
    with _Deadline(timeout_s) as deadline:
        try:
            with (
                httpx.Client(
                    verify=_trusted(ssl.get_default_verify_paths()),
                    timeout=timeout_s,
                    proxy=proxy or None,
                    trust_env=False,
                    follow_redirects=False,
                ) as client,
                client.stream(method, url, content=body, headers={**_OURS, **headers}, extensions={"trace": deadline.on_event}) as response,
            ):
                received = _read(response)
            deadline.check()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise (NoAnswer if deadline.has_begun else NotSent)(type(error).__name__) from error
    return ExchangeAnswer(response.status_code, received)


@lru_cache(maxsize=4)
def _trusted(_places: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Return the certificates the machine trusts, read once a process: reading them takes longer than a call to a server nearby."""
    return ssl.create_default_context()


def _read(response: httpx.Response) -> bytes:
    received = b""
    for part in response.iter_raw():
        received += part
        if len(received) >= LARGEST_ANSWER_BYTES:
            break
    return received[:LARGEST_ANSWER_BYTES]


class _Deadline:
    """Hangs up when the time is over, which the library limits for each read alone, and keeps whether the request was begun."""

    def __init__(self, timeout_s: float) -> None:
        self._ends_at = time.monotonic() + timeout_s
        self._late = threading.Event()
        self._sock: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self.has_begun = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        """Let go of the connection."""
        if self._timer is not None:
            self._timer.cancel()
        if self._sock is not None:
            self._sock.close()

    def on_event(self, event: str, told: Mapping[str, Any]) -> None:
        """Follow the steps of the exchange, as the library tells them."""
        if event == "connection.connect_tcp.complete":
            # Of its own, because the one at hand becomes part of TLS.
            self._sock = told["return_value"].get_extra_info("socket").dup()
            self._timer = threading.Timer(max(self._ends_at - time.monotonic(), 0), self._hang_up)
            self._timer.start()
        elif event == "http11.send_request_headers.started":
            # What a proxy is told first is not the request yet.
            self.has_begun = told["request"].method != b"CONNECT"

    def check(self) -> None:
        """Refuse an answer that ended because we hung up.

        :raises TimeoutError: if the time was over
        """
        if self._late.is_set():
            raise TimeoutError

    def _hang_up(self) -> None:
        self._late.set()
        try:
            if self._sock is not None:
                self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
