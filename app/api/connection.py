"""A connection of the intake server: HTTP/1.1 as llhttp reads it, each request given to an ASGI application when all of it is there.

The servers we tried spend more of a processor on it (``docs/adr/0038``): this connection knows no other protocol, streams nothing, and
writes an answer at once. A client has a limit of time for everything it does, looked after once a second.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import unquote

import httptools

from app import clock
from app.api.gathering import BODY_S, BYTES_A_SECOND, HEADERS_S
from app.api.intake import LARGEST_BODY

#: Seconds in which an answer must be taken in (longer by ``BYTES_A_SECOND``), and a further request begun or hung up.
ANSWER_S, IDLE_S = 20.0, 2.0
#: Bytes of an address, of a header's value and of all headers, and how many there may be.
_LARGEST_URL, _LARGEST_VALUE, _LARGEST_HEAD, _MOST_HEADERS = 4094, 8190, 64 * 1024, 100
#: Bytes of a request that are read at most; of its body no more is kept than shows that it is too long.
_LARGEST_REQUEST = 32 * 1024 * 1024
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Worker(Protocol):
    """What a connection needs of the process that serves it."""

    loop: asyncio.AbstractEventLoop
    asgi: Any
    log: Any
    alive: bool
    nr_conns: int
    connections: "set[Connection]"


class _Refused(Exception):
    """A request is answered with an error, and nothing after it is read."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Call:
    """A request, and the answer to it as the application says it."""

    __slots__ = ("answer", "body", "is_last", "named", "scope", "status")

    def __init__(self, scope: dict[str, Any], body: bytes, *, is_last: bool) -> None:
        self.scope, self.body, self.is_last = scope, body, is_last
        #: 0: nobody answered yet
        self.status = 0
        self.named: Sequence[tuple[bytes, bytes]] = ()
        self.answer = b""

    def fail(self, status: HTTPStatus) -> None:
        """Answer with an error."""
        self.status, self.named, self.answer = status, [(b"content-type", b"text/plain")], status.phrase.encode()

    async def receive(self) -> dict[str, Any]:
        """Give the whole body at once."""
        return {"type": "http.request", "body": self.body, "more_body": False}

    async def send(self, message: dict[str, Any]) -> None:
        """Take a part of the answer; its length is told by the connection."""
        if message["type"] == "http.response.start":
            self.status, self.named = message["status"], message["headers"]
        else:
            self.answer += message.get("body", b"")

    def written(self) -> bytes:
        """Return the answer's bytes."""
        lines = [_first_lines(self.status, clock.now_ms() // 1000)]
        lines += [b"%b: %b\r\n" % header for header in self.named if header[0] != b"content-length"]
        lines.append(b"connection: close\r\n" if self.is_last else b"")
        body = b"" if self.scope.get("method") == "HEAD" else self.answer
        lines.append(b"content-length: %d\r\n\r\n%b" % (len(self.answer), body))
        return b"".join(lines)


@lru_cache(maxsize=16)
def _first_lines(status: int, second: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ndate: {formatdate(second, usegmt=True)}\r\n".encode()


@lru_cache(maxsize=256)
def _parts(url: bytes) -> tuple[str, bytes, bytes]:
    """Return the path, as it is meant and as it was sent, and the query of an address."""
    found = httptools.parse_url(url)
    raw = found.path or b"/"
    return unquote(raw.decode("ascii")), raw, found.query or b""


class Connection(asyncio.Protocol):
    """A client: its requests are answered one after the other, in order."""

    transport: asyncio.Transport
    _common: dict[str, Any]

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._parser: Any = httptools.HttpRequestParser(self)
        self._calls: deque[Call] = deque()
        self._task: asyncio.Task[None] | None = None
        #: when the client is let go of if nothing happens until then, on the monotonic clock
        self.until = time.monotonic() + HEADERS_S
        self._is_idle, self._is_in_head, self._is_unread = False, True, False
        #: nothing more is read; the client says nothing more
        self._is_over, self._has_ended = False, False
        self._taken = 0
        self._url, self._body = b"", bytearray()
        self._headers: list[tuple[bytes, bytes]] = []

    # What the transport says.
    def connection_made(self, transport: Any) -> None:
        """Wait for the first headers."""
        self.transport = transport
        ends = {"client": transport.get_extra_info("peername"), "server": transport.get_extra_info("sockname")}
        self._common = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "scheme": "http", "root_path": ""} | ends
        self._worker.nr_conns += 1
        self._worker.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """Let go; what was begun for the client is finished, its answer is not sent."""
        self._worker.nr_conns -= 1
        self._worker.connections.discard(self)
        self._calls.clear()
        self._parser = None

    def eof_received(self) -> bool:
        """Answer what was asked before the client ended its side."""
        self._is_over = self._has_ended = True
        return bool(self._calls)

    def pause_writing(self) -> None:
        """Begin nothing more for a client that does not read its answers."""
        self._is_unread = True

    def resume_writing(self) -> None:
        """Go on."""
        self._is_unread = False
        self._go_on()

    def data_received(self, data: bytes) -> None:
        """Read what a client sent."""
        if self._is_over:
            return
        if self._is_idle:
            self._is_idle, self.until = False, time.monotonic() + HEADERS_S
        self._taken += len(data)
        try:
            self._parser.feed_data(data)
            if self._taken > (_LARGEST_HEAD if self._is_in_head else _LARGEST_REQUEST):
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if self._is_in_head else HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except httptools.HttpParserUpgrade:
            # Nobody speaks another protocol here: the request was answered as any, what follows is not read.
            self._is_over = True
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause.status if isinstance(cause, _Refused) else HTTPStatus.BAD_REQUEST)

    # What the parser says.
    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        self._url += url
        if len(self._url) > _LARGEST_URL:
            raise _Refused(HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what follows a body is none."""
        if not self._is_in_head:
            return
        if len(self._headers) >= _MOST_HEADERS or len(value) > _LARGEST_VALUE:
            raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        name = name.lower()
        if name == b"transfer-encoding" and value.strip().lower() != b"chunked":
            raise _Refused(HTTPStatus.NOT_IMPLEMENTED)
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Wait for the body."""
        if self._parser.get_http_version() not in ("1.1", "1.0"):
            raise _Refused(HTTPStatus.BAD_REQUEST)
        self._is_in_head, self.until = False, time.monotonic() + BODY_S
        if (b"expect", b"100-continue") in self._headers and not self._calls:
            self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, and no more than shows that it is too long."""
        self._body += body[: LARGEST_BODY + 1 - len(self._body)]

    def on_message_complete(self) -> None:
        """Answer a request in its turn."""
        version = self._parser.get_http_version()
        is_last = version != "1.1" or not self._parser.should_keep_alive()
        self._calls.append(Call(self._scope(version), bytes(self._body), is_last=is_last))
        if len(self._calls) > 1:
            self.transport.pause_reading()
        self._is_in_head, self._taken = True, 0
        self._url, self._headers, self._body = b"", [], bytearray()
        self._go_on()

    def _scope(self, version: str) -> dict[str, Any]:
        try:
            path, raw_path, query = _parts(self._url)
        except (httptools.HttpParserInvalidURLError, UnicodeDecodeError):
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        return self._common | {
            "http_version": version,
            "method": self._parser.get_method().decode("ascii"),
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": self._headers,
        }

    # What is answered.
    def _refuse(self, status: HTTPStatus) -> None:
        """Answer that nothing more is read, after what was asked before."""
        self._is_over = True
        refusal = Call({}, b"", is_last=True)
        refusal.fail(status)
        self._calls.append(refusal)
        self._go_on()

    def _go_on(self) -> None:
        """Answer who waits the longest, if his predecessor has been answered; read on when nobody waits."""
        if self._task is not None or self._is_unread:
            return
        if not self._calls:
            self.transport.resume_reading()
        elif self._calls[0].status:
            self._answer()
        else:
            self._task = self._worker.loop.create_task(self._perform(self._calls[0]))

    async def _perform(self, call: Call) -> None:
        try:
            await self._worker.asgi(call.scope, call.receive, call.send)
        except Exception:
            call.status = 0
            self._worker.log.exception("a request was not answered")
        if not call.status:
            call.fail(HTTPStatus.INTERNAL_SERVER_ERROR)
        self._task = None
        if self._calls:
            self._answer()

    def _answer(self) -> None:
        call = self._calls.popleft()
        call.is_last = call.is_last or not self._worker.alive or (self._is_over and not self._calls)
        self.transport.write(call.written())
        unsent = self.transport.get_write_buffer_size()
        self._is_idle, self.until = True, time.monotonic() + (ANSWER_S + unsent / BYTES_A_SECOND if unsent else IDLE_S)
        if call.is_last:
            self._hang_up()
        else:
            self._go_on()

    def _hang_up(self) -> None:
        """Say that nothing more comes, and close when the client does; closed at once, it might lose the end of the answer."""
        self._is_over = True
        self._calls.clear()
        if self._has_ended:
            self.transport.close()
        else:
            with suppress(OSError):
                self.transport.write_eof()
            self.transport.resume_reading()

    def is_late(self, now: float) -> bool:
        """Tell whether the client did not do in time what it had to."""
        return self._task is None and self.until < now
