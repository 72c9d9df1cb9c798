"""Gunicorn's workers with time limits: a client that sends slowly holds neither a thread nor a connection for long.

``gunicorn --worker-class app.api.workers.WebWorker`` and ``… IntakeWorker``. A request gets a thread when all of it is there. Gunicorn 27
itself waits for a slow client in a thread (WSGI), and without a limit (ASGI headers).
"""

import asyncio
import re
import time
from functools import partial
from selectors import EVENT_READ
from socket import socket
from typing import Any

from gunicorn import util
from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi
from gunicorn.workers.gasgi import ASGIWorker
from gunicorn.workers.gthread import TConn, ThreadWorker

#: Seconds until the headers must be there, and until the body must be; a body may take longer if it keeps this many bytes a second.
HEADERS_S, BODY_S, BYTES_A_SECOND = 10.0, 20.0, 10_000
#: Bytes of a request that are gathered at most: more than the application takes is handed over to be refused by it.
LARGEST_REQUEST = 33 * 1024 * 1024
#: Bytes of all requests that a process gathers at a moment.
LARGEST_GATHERING = 256 * 1024 * 1024
_LARGEST_HEADERS = 100 * 8190 + 4096
_BLOCK = 65_536
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,12})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)


class Gathering:
    """The bytes of a request that have arrived so far."""

    def __init__(self, now: float) -> None:
        self.data = bytearray()
        self._begun = now
        self._headers = -1

    def add(self, block: bytes) -> None:
        """Take in what arrived."""
        searched = max(0, len(self.data) - len(_END))
        self.data += block
        if self._headers < 0:
            self._headers = self.data.find(_END, searched)

    def is_whole(self) -> bool:
        """Return whether a thread would not have to wait for the rest; what no limit allows is whole too, for the server to refuse."""
        if self._headers < 0:
            return len(self.data) > _LARGEST_HEADERS
        if len(self.data) > LARGEST_REQUEST:
            return True
        head, body = bytes(self.data[: self._headers + 2]), len(self.data) - self._headers - len(_END)
        if _CHUNKED.search(head):
            return self.data.endswith(b"0\r\n\r\n")
        length = _LENGTH.search(head)
        return length is None or body >= int(length[1]) or int(length[1]) > LARGEST_REQUEST

    def until(self) -> float:
        """Return when it must be whole, on the monotonic clock."""
        return self._begun + (HEADERS_S if self._headers < 0 else BODY_S + len(self.data) / BYTES_A_SECOND)


class WebWorker(ThreadWorker):  # type: ignore[misc]
    """A worker with threads whose main loop gathers requests."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gathering: dict[TConn, Gathering] = {}

    def accept(self, listener: Any) -> None:
        """Accept a connection, and gather its first request."""
        try:
            client, address = listener.accept()
        except OSError:
            return
        self.nr_conns += 1
        connection = TConn(self.cfg, client, address, listener.getsockname())
        self._gather(connection)

    def on_client_socket_readable(self, conn: TConn, client: socket) -> None:
        """Gather the next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def _gather(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        self._gathering[conn] = Gathering(time.monotonic())
        self.poller.register(conn.sock, EVENT_READ, partial(self._read, conn))

    def _read(self, conn: TConn, client: socket) -> None:
        gathering = self._gathering[conn]
        try:
            block = client.recv(_BLOCK)
        except BlockingIOError:
            return
        except OSError:
            block = b""
        gathering.add(block)
        if not block or sum(len(each.data) for each in self._gathering.values()) > LARGEST_GATHERING:
            self._let_go(conn)
        elif gathering.is_whole():
            self.poller.unregister(client)
            del self._gathering[conn]
            conn.init()
            conn.parser.unreader.unread(bytes(gathering.data))
            conn.data_ready = True
            self.enqueue_req(conn)

    def _let_go(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        del self._gathering[conn]
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Let go of connections whose request did not arrive in time."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn, gathering in self._gathering.items() if gathering.until() < now]:
            if self._gathering[conn].data:
                util.write_error(conn.sock, 408, "Request Timeout", "The request did not arrive in time.")
            self._let_go(conn)


class TimedProtocol(ASGIProtocol):  # type: ignore[misc]
    """A connection of the intake server that is closed if a request does not arrive in time."""

    _timer: asyncio.TimerHandle | None = None
    _is_in_request = False

    def connection_made(self, transport: Any) -> None:
        """Wait for the first headers."""
        super().connection_made(transport)
        self._wait(HEADERS_S)

    def data_received(self, data: bytes) -> None:
        """Wait for the headers of a further request from its first bytes on."""
        if self._timer is None and not self._is_in_request:
            self._wait(HEADERS_S)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._wait(None)
        super().connection_lost(exc)

    def _on_headers_complete(self) -> Any:
        self._is_in_request = True
        self._wait(BODY_S)
        return super()._on_headers_complete()

    def _on_message_complete(self) -> Any:
        self._is_in_request = False
        self._wait(None)
        return super()._on_message_complete()

    def _wait(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.worker.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        self._close_transport()


class IntakeWorker(ASGIWorker):  # type: ignore[misc]
    """A worker of the intake server whose connections have time limits."""

    def run(self) -> None:
        """Serve; gunicorn has no setting for the class of its connections."""
        gasgi.ASGIProtocol = TimedProtocol
        super().run()
