"""Five hundred clients that send a byte a second: the real workers answer everybody else, and let go of them in time."""

import asyncio
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from app.api.gathering import BODY_S, HEADERS_S, LARGEST_REQUEST, Arrival, Gathering
from app.api.workers import accept_in_turn
from tests.databases import ROOT
from tests.waiting import wait_until

SLOW = 500
HEADERS = b"POST /slow HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
#: Applications that read the whole body and answer how long it was.
APPLICATIONS = """
def web(environ, start_response):
    if environ["PATH_INFO"] in ("/unread", "/large", "/file"):
        start_response("200 OK", [("Content-Type", "text/plain")])
        if environ["PATH_INFO"] == "/large":
            return [b"x" * 8_000_000]
        return environ["wsgi.file_wrapper"](open(__file__.replace("applications.py", "large"), "rb"))
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(len(body)).encode()]


async def intake(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    count, more = 0, True
    while more:
        message = await receive()
        count, more = count + len(message.get("body", b"")), message.get("more_body")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(count).encode()})
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(place: Path, worker: str, application: str) -> Iterator[int]:
    """Gunicorn as ``run.py`` starts it."""
    (place / "applications.py").write_text(APPLICATIONS)
    (place / "large").write_bytes(b"x" * 8_000_000)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--workers", "2", "--threads", "4", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command += ["--log-level", "error", "--pythonpath", str(place), "--worker-class", f"app.api.workers.{worker}", application]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            wait_until(lambda: answers(port) == b"0")
            yield port
        finally:
            process.terminate()


def answers(port: int, body: bytes = b"") -> bytes | None:
    """Return the answer of a client that is not slow, or None if there is none within five seconds."""
    try:
        with urlopen(Request(f"http://127.0.0.1:{port}/", data=body or None), timeout=5) as answer:
            return bytes(answer.read())
    except OSError:
        return None


def is_open(client: socket.socket) -> bool:
    """Send a byte more, and return whether anybody still listens."""
    try:
        client.send(b"x")
        return client.recv(1000, socket.MSG_DONTWAIT) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@pytest.mark.parametrize(("worker", "application"), [("WebWorker", "applications:web"), ("IntakeWorker", "applications:intake")])
def test_slow_clients_stop_nobody_and_are_let_go_in_time(tmp_path: Path, worker: str, application: str) -> None:
    with ExitStack() as stack, served(tmp_path, worker, application) as port:
        slow = {}
        for begun in (HEADERS, BODY):
            slow[begun] = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(SLOW)]
            for client in slow[begun]:
                client.sendall(begun)

        begun_at, answered, held = time.monotonic(), [], {}
        while any(held.values()) or not held:
            answered.append(answers(port, b"whole"))
            held = {begun: sum(map(is_open, clients)) for begun, clients in slow.items()}
            if time.monotonic() - begun_at > HEADERS_S + 6:
                assert held[HEADERS] == 0
            assert time.monotonic() - begun_at < BODY_S + 15
            time.sleep(1)

    assert len(answered) > 10
    assert set(answered) == {b"5"}


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "arrival"),
    [
        ([b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"], Arrival.WHOLE),
        ([b"GET / HTTP/1.1\r\nHost: a\r\n"], Arrival.PART),
        ([b"GET / HTTP/1.1\r\nHost: a\r", b"\n\r", b"\n"], Arrival.WHOLE),
        ([b"POST / HTTP/1.1\r\ncontent-LENGTH: 3\r\n\r\n", b"ab"], Arrival.PART),
        ([b"POST / HTTP/1.1\r\ncontent-LENGTH: 3\r\n\r\n", b"ab", b"c"], Arrival.WHOLE),
        ([b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"], Arrival.TOO_LONG),
        ([b"POST / HTTP/1.1\r\nContent-Length: 0000000000005\r\n\r\n"], Arrival.TOO_LONG),
        ([b"POST / HTTP/1.1\r\nContent-Length: \xb2\r\n\r\n"], Arrival.MALFORMED),
        ([b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % LARGEST_REQUEST], Arrival.PART),
        ([b"x" * 1_000_000], Arrival.WHOLE),
        ([CHUNKED, b"3\r\nabc\r\n"], Arrival.PART),
        ([CHUNKED, b"3\r\nabc\r\n0\r\n\r\n"], Arrival.WHOLE),
        ([CHUNKED, b"3;a=b\r\nab", b"c\r\n0\r\nTrailer: x\r\n", b"\r\n"], Arrival.WHOLE),
        ([CHUNKED, b"ff\r\n0\r\n\r\n"], Arrival.PART),
        ([CHUNKED, b"5\r\n0\r\n\r\n\r\n"], Arrival.PART),
        ([CHUNKED, b"3\r\nabcde"], Arrival.MALFORMED),
        ([CHUNKED, b"-3\r\nabc\r\n"], Arrival.MALFORMED),
        ([CHUNKED, b"fffffff\r\n"], Arrival.TOO_LONG),
        ([CHUNKED, b"1" * 9000], Arrival.WHOLE),
    ],
)
def test_request_is_whole_when_no_thread_would_wait_for_it(pieces: list[bytes], arrival: Arrival) -> None:
    gathering = Gathering(0.0)

    for piece in pieces:
        gathering.add(piece)

    assert gathering.arrival() is arrival


#: What a client sends, after which it only waits: each held a thread, or the main loop, for as long as it liked.
HOLDS = {
    "a chunk that looks like the end": CHUNKED.replace(b" / ", b" /slow ") + b"ff\r\n0\r\n\r\n",
    "a length with zeros before it": b"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 0000000000005\r\n\r\n",
    "a length beyond every limit": b"GET /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
    "the beginning of a second request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\nG",
    "an answer that is not read": b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
    "a file that is not read": b"GET /file HTTP/1.1\r\nHost: a\r\n\r\n",
    "a connection that is not hung up": b"GET / HTTP/1.0\r\n\r\n",
}


@pytest.mark.parametrize("sent", HOLDS.values(), ids=HOLDS)
def test_no_request_holds_the_server(tmp_path: Path, sent: bytes) -> None:
    with served(tmp_path, "WebWorker", "applications:web") as port, ExitStack() as stack:
        for _ in range(16):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(("127.0.0.1", port))
            client.sendall(sent)
        time.sleep(1)

        begun_at = time.monotonic()
        assert answers(port, b"whole") == b"5"
        waited = time.monotonic() - begun_at

    assert waited < 2


def test_body_that_keeps_coming_may_take_longer_than_one_that_does_not() -> None:
    slow, steady = Gathering(0.0), Gathering(0.0)

    slow.add(BODY)
    steady.add(BODY + b"x" * 1_000_000)

    assert slow.until() < BODY_S + 1
    assert steady.until() > BODY_S + 90


def test_worker_leaves_waiting_connections_to_others() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listener, ExitStack() as stack:
        listener.setblocking(False)
        for _ in range(20):
            stack.enter_context(socket.create_connection(listener.getsockname()))

        accepted = asyncio.run(accepted_at_once(listener))

    assert 0 < accepted < 5


async def accepted_at_once(listener: socket.socket) -> int:
    """Return how many connections are there a moment after the first one was accepted."""
    begun, accepted = asyncio.Event(), []

    class Accepted(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.append(transport)
            begun.set()

    async with await accept_in_turn(asyncio.get_running_loop().create_server, 50, Accepted, sock=listener):
        await begun.wait()
        count = len(accepted)
        await asyncio.sleep(0.5)
        for transport in accepted:
            transport.close()
        await asyncio.sleep(0.1)
    return count


HEAD = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"
#: What no honest client sends, and the status it is refused with.
MALFORMED = {
    "no request": (b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n", 400),
    "no version": (b"GET /\r\n\r\n", 400),
    "another version": (b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 400),
    "a path too long": (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "too many headers": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
    "a blank before the colon": (HEAD + b"X : y\r\n\r\n", 400),
    "two lengths": (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "a length and chunks": (HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a length below nothing": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "a length that is no number": (HEAD + b"Content-Length: 1_0\r\n\r\n0123456789", 400),
    "a coding nobody knows": (HEAD + b"Transfer-Encoding: rot13\r\n\r\n", 501),
    "a chunk that is no number": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n", 400),
}


def test_intake_refuses_malformed_requests_and_answers_the_next(tmp_path: Path) -> None:
    with served(tmp_path, "IntakeWorker", "applications:intake") as port:
        found = {name: refused_with(port, sent) for name, (sent, _) in MALFORMED.items()}

        assert answers(port, b"whole") == b"5"

    assert found == {name: status for name, (_, status) in MALFORMED.items()}


def refused_with(port: int, sent: bytes) -> int:
    """Return the status a request is answered with before its connection is closed; 0: none."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while block := client.recv(4096):
            answer += block
    return int(answer.split(b" ", 2)[1]) if answer else 0
