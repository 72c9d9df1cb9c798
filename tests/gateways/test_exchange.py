"""One request over HTTP against peers on loopback: within its time, to the host that was asked, and sure of what arrived."""

import contextlib
import gzip
import socketserver
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.gateways.exchange import LARGEST_ANSWER_BYTES, ExchangeAnswer, NoAnswer, NotSent, exchange
from tests.loopback import certificate, running

TIMEOUT_S = 0.6
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Peer(socketserver.ThreadingTCPServer):
    """A server that keeps what it was sent and does with each connection as it is told."""

    daemon_threads = True

    def __init__(self, act: Callable[[Any], object], context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.act, self.context = act, context
        self.heads: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/path?q=1"


class _Connection(socketserver.BaseRequestHandler):
    server: Peer

    def handle(self) -> None:
        context = self.server.context
        with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) if context else self.request as connection:
            head = b""
            while not head.endswith(b"\r\n\r\n" if head.startswith(b"CONNECT") else b"\r\n\r\ngiven") and (part := connection.recv(65536)):
                head += part
            if head:
                self.server.heads.append(head)
                self.server.act(connection)


def say(content: bytes) -> Callable[[Any], object]:
    return lambda connection: connection.sendall(content)


def drip(content: bytes, *, at_once: bytes = b"") -> Callable[[Any], object]:
    def act(connection: Any) -> None:
        connection.sendall(at_once)
        for byte in content:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return act


def be_silent(_connection: Any) -> None:
    time.sleep(8 * TIMEOUT_S)


def ask(url: str, *, headers: dict[str, str] | None = None, proxy: str = "", timeout_s: float = 20) -> ExchangeAnswer:
    return exchange("POST", url, headers=headers or {}, body=b"given", timeout_s=timeout_s, proxy=proxy)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate that this machine trusts."""
    path = certificate(tmp_path / "server.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_request_arrives_as_it_is_and_its_answer_comes_back() -> None:
    with running(Peer(say(FINE))) as peer:
        answer = ask(peer.url(), headers={"Authorization": "Bearer x"})

    assert answer == ExchangeAnswer(200, b"ok")
    lines = peer.heads[0].decode().split("\r\n")
    assert lines[0] == "POST /path?q=1 HTTP/1.1"
    assert {"Authorization: Bearer x", "Accept-Encoding: identity", "Connection: close", "Content-Length: 5"} <= set(lines)


@pytest.mark.parametrize("status", [204, 301, 404, 500])
def test_answer_of_any_status_is_an_answer(status: int) -> None:
    with running(Peer(say(b"HTTP/1.1 %d Any\r\nContent-Length: 0\r\n\r\n" % status))) as peer:
        assert ask(peer.url()) == ExchangeAnswer(status, b"")


def test_redirect_to_another_host_is_not_followed() -> None:
    with running(Peer(say(FINE))) as other:
        elsewhere = f"HTTP/1.1 307 Elsewhere\r\nLocation: {other.url()}\r\nContent-Length: 0\r\n\r\n".encode()
        with running(Peer(say(elsewhere))) as peer:
            answer = ask(peer.url())

    assert (answer.status, len(peer.heads), other.heads) == (307, 1, [])


@pytest.mark.parametrize("is_tls", [False, True])
@pytest.mark.parametrize(
    "act",
    [
        be_silent,
        drip(FINE),
        drip(b"x" * 40, at_once=b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"),
        drip(b"x" * 40, at_once=b"HTTP/1.1 200 OK\r\n\r\n"),
        drip(b"X-More: 1\r\n" * 9, at_once=b"HTTP/1.1 200 OK\r\n"),
    ],
    ids=["silent", "all of it", "body", "body without an end", "headers"],
)
def test_answer_that_is_late_or_drips_is_none(act: Callable[[Any], object], is_tls: bool, trusted: ssl.SSLContext) -> None:
    with running(Peer(act, trusted if is_tls else None)) as peer:
        begun = time.monotonic()
        with pytest.raises(NoAnswer):
            ask(peer.url("https" if is_tls else "http"), timeout_s=TIMEOUT_S)

        assert time.monotonic() - begun < 4 * TIMEOUT_S
        assert len(peer.heads) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
    ],
    ids=["hangs up", "another protocol", "cut off", "endless header", "no length"],
)
def test_answer_that_cannot_be_read_is_none(content: bytes) -> None:
    with running(Peer(say(content))) as peer, pytest.raises(NoAnswer):
        ask(peer.url())


def test_large_answer_is_read_so_far_only() -> None:
    with running(Peer(lambda connection: [connection.sendall(b"x" * 65536) for _ in range(10_000)])) as peer:
        peer.act, endless = say(b""), peer.act
        peer.act = lambda connection: (connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"), endless(connection))

        answer = ask(peer.url())

    assert answer == ExchangeAnswer(200, b"x" * LARGEST_ANSWER_BYTES)


def test_compressed_answer_is_not_blown_up() -> None:
    bomb = gzip.compress(bytes(50 << 20))[:60_000]
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()

    with running(Peer(say(head + bomb))) as peer:
        assert ask(peer.url()) == ExchangeAnswer(200, bomb)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "https://127.0.0.1:1/", "http://no-such-host.invalid/", "ftp://127.0.0.1/", "http://[::1/", "nothing"]
)
def test_where_nobody_is_nothing_was_sent(url: str) -> None:
    with pytest.raises(NotSent):
        ask(url)


def test_server_whose_certificate_is_not_trusted_gets_nothing(trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    with running(Peer(say(FINE), trusted)) as peer, pytest.raises(NotSent):
        ask(peer.url("https"))

    assert peer.heads == []


def test_server_of_another_name_gets_nothing(trusted: ssl.SSLContext) -> None:
    with running(Peer(say(FINE), trusted)) as peer, pytest.raises(NotSent):
        ask(peer.url("https").replace("127.0.0.1", "localhost"))

    assert peer.heads == []


def test_trusted_server_is_spoken_to_by_tls(trusted: ssl.SSLContext) -> None:
    with running(Peer(say(FINE), trusted)) as peer:
        assert ask(peer.url("https")) == ExchangeAnswer(200, b"ok")


def test_proxies_and_passwords_of_the_environment_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with running(Peer(say(FINE))) as proxy, running(Peer(say(FINE))) as peer:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        ask(peer.url())

    assert (proxy.heads, len(peer.heads)) == ([], 1)
    assert b"uthorization" not in peer.heads[0]


def test_proxy_that_is_set_is_asked_for_the_server() -> None:
    with running(Peer(say(FINE))) as proxy:
        answer = ask("http://provider.invalid/path", proxy=f"http://127.0.0.1:{proxy.port}")

    assert answer == ExchangeAnswer(200, b"ok")
    assert proxy.heads[0].startswith(b"POST http://provider.invalid/path HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "act", [be_silent, say(b""), say(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), say(b"HTTP/1.1 200 OK\r\n\r\n"), drip(FINE)],
    ids=["silent", "hangs up", "refuses", "no TLS behind it", "drips"],
)  # fmt: skip
def test_proxy_that_does_not_reach_the_server_sent_nothing(act: Callable[[Any], object]) -> None:
    with running(Peer(act)) as proxy:
        begun = time.monotonic()
        with pytest.raises(NotSent):
            ask("https://provider.invalid/", proxy=f"http://127.0.0.1:{proxy.port}", timeout_s=TIMEOUT_S)

    assert proxy.heads[0].startswith(b"CONNECT provider.invalid:443 HTTP/1.1\r\n")
    assert time.monotonic() - begun < 4 * TIMEOUT_S
