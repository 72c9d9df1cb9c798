"""Gateways of messages on loopback that speak the real protocols: Eskiz and PlayMobile over HTTP, and SMTP with TLS."""

import base64
import ipaddress
import json
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app import clock

LOGIN, PASSWORD = "office@example.uz", "gateway-secret"


class EskizServer(ThreadingHTTPServer):
    """Eskiz: a login gives a token, messages with it get a number."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Eskiz)
        self.messages: list[dict[str, str]] = []
        self.callback_url = ""
        self.logins = 0
        #: tokens that are accepted
        self.tokens: set[str] = set()
        #: what a message is answered with in place of success: status and body; one answer a message, the last one for all that follow
        self.answers: list[tuple[int, Any]] = []
        #: set: messages are taken and not answered until it is cleared
        self.is_holding = threading.Event()
        self.has_request = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Eskiz(BaseHTTPRequestHandler):
    server: EskizServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/api/auth/login":
            self._log_in(_form(self.headers["Content-Type"], body))
        elif self.path != "/api/message/sms/send-batch":
            self._answer(404, {"message": "no such call"})
        elif self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.server.tokens:
            self._answer(401, {"message": "Expired"})
        else:
            self._take(json.loads(body))

    def _log_in(self, form: dict[str, str]) -> None:
        self.server.logins += 1
        if (form["email"], form["password"]) != (LOGIN, PASSWORD):
            self._answer(401, {"message": "Invalid credentials"})
            return
        token = f"token-{self.server.logins}"
        self.server.tokens.add(token)
        self._answer(200, {"message": "token_generated", "data": {"token": token}, "token_type": "bearer"})

    def _take(self, batch: dict[str, Any]) -> None:
        for each in batch["messages"]:
            self.server.messages.append(
                {"mobile_phone": each["to"], "message": each["text"], "from": batch["from"], "user_sms_id": each["user_sms_id"]}
            )
        self.server.callback_url = batch.get("callback_url", "")
        self.server.has_request.set()
        while self.server.is_holding.is_set():
            time.sleep(0.01)
        answers = self.server.answers
        number = f"6f0c-{len(self.server.messages)}"
        fine = (200, {"id": number, "message": "Waiting for SMS provider", "status": ["waiting"] * len(batch["messages"])})
        self._answer(*(fine if not answers else answers[0] if len(answers) == 1 else answers.pop(0)))

    def _answer(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            return

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class PlayMobileServer(ThreadingHTTPServer):
    """PlayMobile: a call with Basic credentials brings messages that have our numbers."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _PlayMobile)
        #: its own log: what it took, in the order of arrival
        self.messages: list[dict[str, Any]] = []
        #: what calls are answered with in place of success; None: the line is cut after the messages were taken
        self.answers: list[tuple[int, Any] | None] = []
        #: called with the messages of each call before it is answered
        self.on_messages: Callable[[list[dict[str, Any]]], None] = lambda _messages: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_where: object) -> None:
        """Say nothing: lines are cut on purpose."""


class _PlayMobile(BaseHTTPRequestHandler):
    server: PlayMobileServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = "Basic " + base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        if self.path != "/broker-api/send" or self.headers.get("Authorization") != expected:
            self._answer(401, b"")
            return
        messages = json.loads(body)["messages"]
        self.server.messages.extend(messages)
        self.server.on_messages(messages)
        answers: list[tuple[int, Any] | None] = self.server.answers
        answer = (200, b"Request is received") if not answers else answers[0] if len(answers) == 1 else answers.pop(0)
        if answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
        else:
            self._answer(*answer)

    def _answer(self, status: int, body: Any) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def agreed_gateway(database: psycopg.Connection, address: str = "http://127.0.0.1:9/") -> Iterator[int]:
    """Agree with a gateway of SMS for a while, and yield the number of the contract."""
    columns = "name, gateway, address, login, secret, sender"
    values = ("trial", "PLAYMOBILE", address, LOGIN, PASSWORD, "3700")
    row = database.execute(f"INSERT INTO message_contract ({columns}) VALUES (%s, %s, %s, %s, %s, %s) RETURNING id", values).fetchone()
    assert row is not None
    try:
        yield int(row[0])
    finally:
        database.execute("UPDATE message_contract SET is_active = false WHERE id = %s", row)


def _form(media_type: str, body: bytes) -> dict[str, str]:
    """Return the fields of a form, read by the standard library's reader of mail."""
    letter = message_from_bytes(f"Content-Type: {media_type}\r\n\r\n".encode() + body)
    parts: Any = letter.get_payload()
    return {part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode() for part in parts}


class OneIdServer(ThreadingHTTPServer):
    """OneID: a code it gave is changed for a token once, and a token tells the person."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _OneId)
        #: code → who signed on
        self.codes: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        #: what is answered in place of what was asked: status and body
        self.answer: tuple[int, bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/sso/oauth/Authorization.do"


class _OneId(BaseHTTPRequestHandler):
    server: OneIdServer

    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.server.asked.append(form)
        status, body = self.server.answer or self._said(form)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _said(self, form: dict[str, str]) -> tuple[int, bytes]:
        if (form.get("client_id"), form.get("client_secret")) != (LOGIN, PASSWORD):
            return 401, b'{"error": "invalid_client"}'
        if form["grant_type"] == "one_authorization_code" and (person := self.server.codes.pop(form["code"], None)):
            token = f"token-of-{form['code']}"
            self.server.tokens[token] = person
            return 200, json.dumps({"access_token": token, "token_type": "bearer", "scope": LOGIN, "expires_in": "1800"}).encode()
        if form["grant_type"] == "one_access_token_identify" and (person := self.server.tokens.get(form["access_token"])):
            return 200, json.dumps(person).encode()
        return 400, b'{"error": "invalid_grant"}'

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class SmtpServer(socketserver.ThreadingTCPServer):
    """A mail server that takes letters after STARTTLS (or TLS from the start) and a login."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, certificate: Path, *, security: str = "starttls") -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.security = security
        self.letters: list[Message] = []
        #: command → what is answered in place of success, or None: the line is cut
        self.answers: dict[str, str | None] = {}
        self.was_in_the_open = False

    def handle_error(self, *_where: object) -> None:
        """Say nothing: clients hang up on purpose."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Smtp(socketserver.StreamRequestHandler):
    server: SmtpServer

    def setup(self) -> None:
        self.is_safe = self.server.security == "tls"
        if self.is_safe:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self._say("220 loopback ESMTP")
        while line := self.rfile.readline().decode().strip():
            if not self._do(line.split()[0].upper(), line):
                return

    def finish(self) -> None:
        for each in (self.rfile, self.wfile, self.request):
            each.close()

    def _do(self, command: str, line: str) -> bool:
        """Answer a command; return whether the line stays."""
        if command in self.server.answers and command != "END":
            answer = self.server.answers[command]
            return answer is not None and self._say(answer)
        return bool(getattr(self, f"_{command.lower()}", self._fine)(line))

    def _ehlo(self, _line: str) -> bool:
        offers = ["loopback", "AUTH PLAIN LOGIN"] if self.is_safe else ["loopback", "STARTTLS"]
        return self._say("\r\n".join([f"250-{each}" for each in offers[:-1]] + [f"250 {offers[-1]}"]))

    def _starttls(self, _line: str) -> bool:
        self._say("220 go ahead")
        for each in (self.rfile, self.wfile):
            each.close()
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self.is_safe = True
        return True

    def _auth(self, line: str) -> bool:
        given = base64.b64decode(line.split()[2]).split(b"\0")[1:]
        self.server.was_in_the_open |= not self.is_safe
        is_right = given == [LOGIN.encode(), PASSWORD.encode()]
        return self._say("235 welcome" if is_right else "535 5.7.8 wrong")

    def _data(self, _line: str) -> bool:
        self._say("354 go on")
        content = b""
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            content += line
        answer = self.server.answers.get("END", "250 2.0.0 queued as 4711")
        if answer is None or answer.startswith("2"):
            self.server.letters.append(message_from_bytes(re.sub(rb"(?m)^\.\.", b".", content)))
        return answer is not None and self._say(answer)

    def _quit(self, _line: str) -> bool:
        self._say("221 bye")
        return False

    def _fine(self, _line: str) -> bool:
        return self._say("250 fine")

    def _say(self, words: str) -> bool:
        self.wfile.write(f"{words}\r\n".encode())
        return True


@contextmanager
def running(server: Any) -> Iterator[Any]:
    """Run a server in a thread for as long as the block lasts."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def certificate(path: Path) -> Path:
    """Write a key and a certificate of 127.0.0.1 that signs itself, and return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
