"""Gunicorn's workers with time limits: a client that sends or reads slowly holds neither a thread nor a connection for long.

``gunicorn --worker-class app.api.workers.WebWorker`` and ``… IntakeWorker``. A request gets a thread when all of it is there, also one
that follows another in the same packet. Gunicorn 27 itself waits for a slow client in a thread (WSGI), waits in its main loop for a client
to hang up, and waits without a limit (ASGI headers).
"""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ, EVENT_WRITE
from socket import SHUT_WR, socket
from typing import Any, NamedTuple

from gunicorn import util
from gunicorn.workers import gasgi
from gunicorn.workers.gasgi import ASGIWorker
from gunicorn.workers.gthread import TConn, ThreadWorker

from app.api.connection import Connection
from app.api.gathering import BYTES_A_SECOND, Arrival, Gathering

#: Bytes of all requests that a process gathers at a moment.
LARGEST_GATHERING = 256 * 1024 * 1024
#: Bytes of all answers that clients have not taken in yet.
LARGEST_UNSENT = 256 * 1024 * 1024
#: Seconds in which an answer must be taken in; a longer one may take longer if the client keeps ``BYTES_A_SECOND``.
ANSWER_S = 20.0
#: Seconds for which a thread waits for bytes, should the server want more than was gathered.
_READ_S = 2.0
#: Seconds in which a client may hang up before it is hung up on.
_HANG_UP_S = 2.0
_BLOCK, _LARGEST_SEND = 65_536, 1024 * 1024
_REFUSALS = {
    Arrival.TOO_LONG: (413, "Content Too Large", "The request is longer than what is taken here."),
    Arrival.MALFORMED: (400, "Bad Request", "The length of the request is no plain number."),
}


class Client(socket):
    """A client's connection that no thread waits for: what he does not take in at once is left to the main loop."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unsent = bytearray()

    def setblocking(self, flag: bool) -> None:
        """Wait for nothing, or for a while at most."""
        self.settimeout(_READ_S if flag else 0.0)

    def sendall(self, data: Any, _flags: int = 0) -> None:
        """Send what the client takes in at once, and keep the rest."""
        before = self.gettimeout()
        self.settimeout(0.0)
        self.unsent += data
        self.send_kept()
        self.settimeout(before)

    def send_kept(self) -> None:
        """Send more of what was kept, if the client takes it in."""
        with suppress(BlockingIOError):
            while self.unsent:
                with memoryview(self.unsent) as whole, whole[:_LARGEST_SEND] as piece:
                    sent = self.send(piece)
                del self.unsent[:sent]


class Sending(NamedTuple):
    """The rest of an answer that a client takes in."""

    length: int
    until: float
    #: what is done with the connection then
    follows: Callable[[], None]


class WebWorker(ThreadWorker):  # type: ignore[misc]
    """A worker with threads whose main loop gathers requests and waits for clients to hang up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The kernel would send a file for as long as its reader likes.
        self.cfg.set("sendfile", False)
        self._gathering: dict[TConn, Gathering] = {}
        self._gathered = 0
        self._sending: dict[TConn, Sending] = {}
        self._unsent = 0
        self._hanging_up: dict[TConn, float] = {}

    def accept(self, listener: Any) -> None:
        """Accept a connection, and gather its first request."""
        try:
            client, address = listener.accept()
        except OSError:
            return
        self.nr_conns += 1
        limited = Client(client.family, client.type, client.proto, fileno=client.detach())
        self._gather(TConn(self.cfg, limited, address, listener.getsockname()), b"")

    def on_client_socket_readable(self, conn: TConn, client: socket) -> None:
        """Gather the next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn, b"")

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Keep a connection, gathering what came of its next request already, or let its client hang up."""
        is_kept = not fs.cancelled() and fs.exception() is None and fs.result() is True
        self._send_rest(conn, partial(self._keep, conn, fs) if is_kept else partial(self._hang_up, conn))

    def _keep(self, conn: TConn, fs: Any) -> None:
        if more := conn.parser.unreader.take_buffered():
            self._gather(conn, more)
        else:
            super().finish_request(conn, fs)

    def _send_rest(self, conn: TConn, follows: Callable[[], None]) -> None:
        """Send what is left of an answer as the client takes it in, then go on."""
        length = len(conn.sock.unsent)
        if not length:
            follows()
        elif self._unsent + length > LARGEST_UNSENT:
            self._close(conn)
        else:
            conn.sock.setblocking(False)
            self._unsent += length
            self._sending[conn] = Sending(length, time.monotonic() + ANSWER_S + length / BYTES_A_SECOND, follows)
            self.poller.register(conn.sock, EVENT_WRITE, partial(self._send, conn))

    def _send(self, conn: TConn, client: Client) -> None:
        try:
            client.send_kept()
        except OSError:
            self._sent(conn)
            self._close(conn)
        else:
            if not client.unsent:
                self._sent(conn).follows()

    def _sent(self, conn: TConn) -> Sending:
        """Send no more of an answer."""
        self.poller.unregister(conn.sock)
        sending = self._sending.pop(conn)
        self._unsent -= sending.length
        return sending

    def _gather(self, conn: TConn, begun: bytes) -> None:
        conn.sock.setblocking(False)
        self._gathering[conn] = Gathering(time.monotonic())
        self.poller.register(conn.sock, EVENT_READ, partial(self._read, conn))
        if begun:
            self._take_in(conn, begun)

    def _read(self, conn: TConn, client: socket) -> None:
        try:
            block = client.recv(_BLOCK)
        except BlockingIOError:
            return
        except OSError:
            block = b""
        if block:
            self._take_in(conn, block)
        else:
            self._let_go(conn)

    def _take_in(self, conn: TConn, block: bytes) -> None:
        gathering = self._gathering[conn]
        gathering.add(block)
        self._gathered += len(block)
        arrival = gathering.arrival()
        if arrival in _REFUSALS:
            _tell(conn, *_REFUSALS[arrival])
            self._forget(conn)
            self._send_rest(conn, partial(self._hang_up, conn))
        elif self._gathered > LARGEST_GATHERING:
            self._let_go(conn)
        elif arrival is Arrival.WHOLE:
            self._forget(conn)
            conn.init()
            conn.parser.unreader.unread(bytes(gathering.data))
            conn.data_ready = True
            self.enqueue_req(conn)

    def _forget(self, conn: TConn) -> None:
        """Gather no more of a connection."""
        self.poller.unregister(conn.sock)
        self._gathered -= len(self._gathering.pop(conn).data)

    def _let_go(self, conn: TConn) -> None:
        self._forget(conn)
        self._close(conn)

    def _hang_up(self, conn: TConn) -> None:
        """Say that nothing more comes, and close when the client does; closed at once, it might lose the end of the answer."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(SHUT_WR)
            self.poller.register(conn.sock, EVENT_READ, partial(self._drain, conn))
        except (OSError, ValueError, KeyError):
            self._close(conn)
        else:
            self._hanging_up[conn] = time.monotonic() + _HANG_UP_S

    def _drain(self, conn: TConn, client: socket) -> None:
        try:
            if client.recv(_BLOCK):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._hung_up(conn)

    def _hung_up(self, conn: TConn) -> None:
        del self._hanging_up[conn]
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Let go of clients whose request did not arrive in time, who do not take in their answer, or do not hang up."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn, gathering in self._gathering.items() if gathering.until() < now]:
            if self._gathering[conn].data:
                _tell(conn, 408, "Request Timeout", "The request did not arrive in time.")
            self._let_go(conn)
        for conn in [conn for conn, until in self._hanging_up.items() if until < now]:
            self._hung_up(conn)
        for conn in [conn for conn, sending in self._sending.items() if sending.until < now]:
            self._sent(conn)
            self._close(conn)


def _tell(conn: TConn, status: int, reason: str, text: str) -> None:
    """Answer what no thread sees, if the client takes it at once."""
    with suppress(OSError):
        util.write_error(conn.sock, status, reason, text)


class IntakeWorker(ASGIWorker):  # type: ignore[misc]
    """A worker of the intake server, whose connections are our own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.connections: set[Connection] = set()

    def run(self) -> None:
        """Serve; gunicorn has no setting for the class of its connections, nor for how many are accepted at a time."""
        gasgi.ASGIProtocol = Connection
        self.loop.create_server = partial(accept_in_turn, self.loop.create_server, self.cfg.backlog)
        self.loop.call_soon(self._let_go)
        super().run()

    def _let_go(self) -> None:
        """Let go of clients that are late, once a second."""
        now = time.monotonic()
        for each in [each for each in self.connections if each.is_late(now)]:
            each.transport.abort()
        self.loop.call_later(1.0, self._let_go)


async def accept_in_turn(create: Callable[..., Awaitable[Any]], queue: int, *args: Any, sock: socket, **kwargs: Any) -> Any:
    """Return a server that accepts one connection each time around: a worker that accepts all who wait leaves the others idle.

    :param create: what makes a server on the loop
    :param queue: connections that may wait to be accepted
    """
    server = await create(*args, sock=sock, backlog=1, **kwargs)
    # asyncio takes the backlog for how many to accept at a time, and for the queue.
    sock.listen(queue)
    return server
