"""What a client of the intake gets for what it sends, over a real socket and a real application."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from app.api.connection import Connection
from app.api.intake import LARGEST_BODY

HEAD = b"POST /a%20b?c=d HTTP/1.1\r\nHost: localhost\r\n"
TOLD = b"POST /a b c=d "
WHOLE = HEAD + b"Content-Length: 3\r\n\r\nabc"


class Process:
    """What serves connections, without gunicorn."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.log = logging.getLogger("tests.connection")
        self.alive, self.nr_conns = True, 0
        self.connections: set[Connection] = set()

    async def asgi(self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[dict[str, Any]], Any]) -> None:
        """Answer with what was asked; the longer the body, the sooner."""
        body = (await receive())["body"]
        await asyncio.sleep(0.05 if len(body) < 3 else 0.0)
        if body == b"fault":
            raise RuntimeError(body)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        told = f"{scope['method']} {scope['path']} {scope['query_string'].decode()} {len(body)} {body[:10].decode()};"
        await send({"type": "http.response.body", "body": told.encode() + b"x" * (100_000 if body == b"large" else 0)})


def answered(*sent: bytes, ends: bool = True) -> bytes:
    """Return all that comes until the connection is closed, with the bytes sent one piece after the other."""

    async def talk() -> bytes:
        process = Process()
        server = await process.loop.create_server(lambda: Connection(process), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for piece in sent:
                writer.write(piece)
                await asyncio.sleep(0.01)
            if ends:
                writer.write_eof()
            found = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            await asyncio.sleep(0.01)
            assert (process.nr_conns, process.connections) == (0, set())
        return found

    return asyncio.run(talk())


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([WHOLE], [TOLD + b"3 abc;"]),
        ([WHOLE[:20], WHOLE[20:60], WHOLE[60:-1], WHOLE[-1:]], [TOLD + b"3 abc;"]),
        ([HEAD + b"\r\n"], [TOLD + b"0 ;"]),
        # Several at once are answered in order, though the first takes longer.
        ([HEAD + b"Content-Length: 1\r\n\r\na" + WHOLE + HEAD + b"\r\n"], [TOLD + b"1 a;", TOLD + b"3 abc;", TOLD + b"0 ;"]),
        ([HEAD + b"Transfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nX-More: 9\r\n\r\n"], [TOLD + b"3 abc;"]),
        # Of a long body so much is kept that it is seen to be too long.
        ([HEAD + b"Content-Length: 1000000\r\n\r\n", b"y" * 600_000, b"y" * 400_000], [TOLD + b"%d yyyyyyyyyy;" % (LARGEST_BODY + 1)]),
        ([b"GET http://localhost/there HTTP/1.1\r\nHost: localhost\r\n\r\n"], [b"GET /there  0 ;"]),
    ],
)  # fmt: skip
def test_each_request_is_answered_in_its_turn(sent: list[bytes], told: list[bytes]) -> None:
    answer = answered(*sent)

    assert [part.rsplit(b"\r\n\r\n", 1)[-1] for part in answer.split(b"HTTP/1.1 200 OK\r\n")[1:]] == told


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (WHOLE.replace(b"1.1", b"1.0"), b"200 OK"),
        (HEAD + b"Connection: close\r\n\r\n", b"200 OK"),
        (HEAD + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", b"200 OK"),
        (b"GET / HTTP/0.9\r\n\r\n", b"400 Bad Request"),
        (HEAD + b"X: a\0b\r\n\r\n", b"400 Bad Request"),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", b"400 Bad Request"),
        (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", b"501 Not Implemented"),
        (HEAD + b"X: " + b"y" * 70_000, b"431 Request Header Fields Too Large"),
        (HEAD + b"X: " + b"y" * 9_000 + b"\r\n\r\n", b"431 Request Header Fields Too Large"),
        (HEAD + b"Content-Length: 99999999999\r\n\r\n" + b"y" * 33 * 1024 * 1024, b"413 Request Entity Too Large"),
    ],
)
def test_connection_is_closed_after_the_last_answer(sent: bytes, status: bytes) -> None:
    answer = answered(sent, ends=False)

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"\r\nconnection: close\r\n" in answer


def test_refusal_comes_after_what_was_asked_before() -> None:
    answer = answered(HEAD + b"Content-Length: 1\r\n\r\na" + b"nonsense\r\n\r\n", ends=False)

    assert answer.find(b"c=d 1 a;") > 0
    assert answer.find(b"HTTP/1.1 400") > answer.find(b"c=d 1 a;")


def test_client_that_asks_whether_it_may_go_on_is_told_so() -> None:
    assert answered(HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", b"abc").startswith(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"
    )


def test_head_is_told_the_length_alone() -> None:
    answer = answered(HEAD.replace(b"POST", b"HEAD") + b"\r\n")

    assert answer.endswith(b"content-length: 17\r\n\r\n")


def test_fault_is_answered_and_so_is_the_next_request(caplog: pytest.LogCaptureFixture) -> None:
    answer = answered(HEAD + b"Content-Length: 5\r\n\r\nfault" + WHOLE)

    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"500", b"200"]
    assert "a request was not answered" in caplog.text


def test_nothing_more_is_begun_for_a_client_that_reads_no_answers() -> None:
    async def talk() -> int:
        process, begun = Process(), []

        async def counted(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[dict[str, Any]], Any]) -> None:
            begun.append(scope)
            await process_asgi(scope, receive, send)

        process_asgi, process.asgi = process.asgi, counted  # type: ignore[method-assign]
        server = await process.loop.create_server(lambda: Connection(process), "127.0.0.1", 0)
        async with server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=1024)
            writer.write((HEAD + b"Content-Length: 5\r\n\r\nlarge") * 2000)
            await asyncio.sleep(1)
            count = len(begun)
            await asyncio.sleep(0.5)
            assert len(begun) == count
            writer.close()
            await asyncio.sleep(0.01)
        return count

    assert 0 < asyncio.run(talk()) < 1000
