"""One request over HTTP and its answer, within a time for all of it; redirects are not followed."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

#: So much of an answer is read.
LARGEST_ANSWER_BYTES = 64 << 10


class NotSent(Exception):
    """There was no connection: surely nothing of the request arrived."""


class NoAnswer(Exception):
    """The request may have arrived, and there is no answer to it."""


class ExchangeAnswer(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes


def exchange(method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, timeout_s: float) -> ExchangeAnswer:
    """Send a request and return the answer, whatever its status.

    :param timeout_s: for the whole exchange, however slowly the answer drips
    :raises NotSent: if there is no connection, or the server's certificate is not trusted
    :raises NoAnswer: if there is no answer in time, or none that can be read
    """
    parts = urlsplit(url)
    try:
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        connection.connect()
    except (OSError, ValueError, http.client.HTTPException, ssl.SSLError) as error:
        raise NotSent(type(error).__name__) from error
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    try:
        return _ask(connection, method, target, body, headers, timeout_s)
    except (OSError, ValueError, http.client.HTTPException, ssl.SSLError) as error:
        raise NoAnswer(type(error).__name__) from error


def _ask(
    connection: http.client.HTTPConnection, method: str, target: str, body: bytes | None, headers: Mapping[str, str], timeout_s: float
) -> ExchangeAnswer:
    late = threading.Event()
    timer = threading.Timer(timeout_s, _hang_up, [connection.sock, late])
    timer.start()
    try:
        connection.request(method, target, body, dict(headers))
        response = connection.getresponse()
        received = response.read(LARGEST_ANSWER_BYTES)
        # A connection that was hung up looks like an answer that is over.
        if late.is_set():
            raise TimeoutError
    finally:
        timer.cancel()
        connection.close()
    return ExchangeAnswer(response.status, received)


def _hang_up(sock: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        # Of the plain socket: the one of TLS would wait for the other side's farewell.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return
