"""A storm of callbacks: every call at least twice, some late, some given up by their client, some untrue; in an order of chance.

Calls go out in rounds: a payment's next step in the round after the one it was answered in, as no provider performs what was not
created. Within a round the order is chance's, and so is who meets whom among 24 threads and two processes of the server.
"""

import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import NamedTuple

from tests.storm.clients import CHANNELS, WRONG_KEY, Call, Payment, Step, send

THREADS, SEED = 24, 20261127
NOBODY = "000000000000"
#: How many payments are cancelled, how many calls are given up by a client that repeats them, how many come with another amount,
#: and how many strangers call for each payment.
UNDONE, GIVEN_UP, UNTRUE, STRANGE = 0.25, 0.3, 0.3, 0.1
#: Serial numbers of strangers begin here.
STRANGERS = 9_000_000


class Sent(NamedTuple):
    """A call, and what it was answered with; empty: its client did not wait for the answer."""

    payment: Payment
    #: None: not a call of the payment itself, but one that is to be refused
    step: Step | None
    codes: frozenset[int]
    call: Call
    answer: bytes = b""

    @property
    def code(self) -> int:
        """The provider's code of the answer."""
        return self.payment.code(self.answer)


class Due(NamedTuple):
    """A call to be made in a round."""

    payment: Payment
    step: Step | None
    codes: frozenset[int]
    #: made when it is sent, if it is a step's
    call: Call | None = None
    delay_s: float = 0.0
    is_given_up: bool = False


class Storm:
    """Payments and the rounds of calls that make them."""

    def __init__(self, accounts: list[str], payments: int, *, first: int = 1_000_000, seed: int = SEED) -> None:
        self._chance = random.Random(seed)
        self._rounds: dict[int, list[Due]] = defaultdict(list)
        self.payments = [self._payment(first + place, accounts) for place in range(payments)]
        for payment in self.payments:
            self._plan(payment)
        for place in range(int(payments * STRANGE)):
            self._plan_strangers(STRANGERS + first + 2 * place, accounts)

    def blow(self, port: int) -> list[Sent]:
        """Make all calls, and return them."""
        sent: list[Sent] = []
        with ThreadPoolExecutor(THREADS) as threads:
            for number in sorted(self._rounds):
                due = self._rounds[number]
                self._chance.shuffle(due)
                sent += threads.map(lambda each: _make(port, each), due)
        return sent

    def _payment(self, serial: int, accounts: list[str]) -> Payment:
        kind = CHANNELS[serial % len(CHANNELS)]
        amount = self._chance.randrange(50_000, 3_000_000)
        is_undone = kind.can_be_undone and self._chance.random() < UNDONE
        return kind(serial, self._chance.choice(accounts), amount, is_undone=is_undone)

    def _plan(self, payment: Payment) -> None:
        steps = payment.steps()
        for number, step in enumerate(steps):
            for _ in range(2):
                self._due(number, Due(payment, step, step.codes))
            self._due(self._chance.randint(number + 1, len(steps)), Due(payment, step, step.codes))
            if self._chance.random() < GIVEN_UP:
                self._due(number, Due(payment, step, step.codes, is_given_up=True))
        if self._chance.random() < UNTRUE:
            untrue = payment.with_amount(payment.amount_tiyin + 10_000)
            self._due(self._chance.randint(1, len(steps)), Due(payment, None, payment.other_amount, untrue))

    def _plan_strangers(self, serial: int, accounts: list[str]) -> None:
        kind = self._chance.choice(CHANNELS)
        for_nobody = kind(serial, NOBODY, 150_000)
        forged = kind(serial + 1, self._chance.choice(accounts), 150_000, key=WRONG_KEY)
        for payment, code in ((for_nobody, kind.unknown_account), (forged, kind.wrong_key)):
            self._due(self._chance.randint(0, 2), Due(payment, None, frozenset({code}), payment.steps()[0].call()))

    def _due(self, number: int, due: Due) -> None:
        self._rounds[number].append(due._replace(delay_s=self._chance.random() * 0.02))


def _make(port: int, due: Due) -> Sent:
    """Make a call; one that is given up is sent, and the connection closed before the answer is read."""
    time.sleep(due.delay_s)
    if due.call is None:
        assert due.step is not None
    call = due.call or due.step.call()
    sent = Sent(due.payment, due.step, due.codes, call)
    if due.is_given_up:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("POST", call.path, call.body, dict(call.headers))
        time.sleep(due.delay_s)
        connection.close()
        return sent
    answer = send(port, call)
    if due.step is not None:
        due.payment.heard(answer)
    return sent._replace(answer=answer)
