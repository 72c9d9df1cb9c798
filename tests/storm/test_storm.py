"""In a storm of repeats, delays, cancellations and forgeries nothing is lost and nothing is doubled."""

import os
import time
from collections import defaultdict
from typing import NamedTuple

import pytest

from tests.storm.clients import CHANNELS, Payment
from tests.storm.conftest import PAIRS
from tests.storm.database import DemoDatabase, Kept, Works, drifts, kept, wait_until_credited
from tests.storm.storm import Sent, Storm

PAYMENTS = int(os.environ.get("STORM_PAYMENTS", "120"))


class Aftermath(NamedTuple):
    """What was called and answered, and what the books have afterwards."""

    payments: list[Payment]
    sent: list[Sent]
    kept: list[Kept]

    @property
    def lost(self) -> list[Payment]:
        """Payments that were acknowledged and are not in the books as they should be."""
        found = {(each.channel, each.reference): each for each in self.kept}
        return [each for each in self.payments if not _is_right(each, found.get((each.channel, each.reference)))]

    @property
    def doubled(self) -> list[Kept]:
        """Tenders that are there, or were paid or undone, more than once."""
        numbers = [(each.channel, each.reference) for each in self.kept]
        return [each for each in self.kept if numbers.count(each[:2]) > 1 or each.payments > 1 or each.reversals > 1]

    @property
    def repeats(self) -> dict[bytes, list[Sent]]:
        """Answers to the same call, by what was sent."""
        groups = defaultdict(list)
        for each in self.sent:
            if each.step and each.answer:
                groups[each.call.path.encode() + b"\n" + each.call.body].append(each)
        return groups

    @property
    def refused(self) -> list[Sent]:
        """Calls that were to be refused."""
        return [each for each in self.sent if each.step is None]


def _is_right(payment: Payment, found: Kept | None) -> bool:
    """Tell whether the books have a payment once with its amount; undone, not at all or with what undoes it."""
    if found is None or found.amount_tiyin != payment.amount_tiyin:
        return False
    if not payment.is_undone:
        return (found.status, found.payments, found.paid_tiyin, found.reversals) == ("PERFORMED", 1, payment.amount_tiyin, 0)
    was_performed = payment.channel != "CLICK"
    return found.status == ("REVERSED" if was_performed else "CANCELLED") and found.paid_tiyin == found.reversed_tiyin


@pytest.fixture(scope="session")
def aftermath(storm_town: DemoDatabase, works: Works) -> Aftermath:
    """One storm for all tests; the line of figures is for ``make storm``."""
    storm, began = Storm(storm_town.accounts[PAIRS:], PAYMENTS), time.monotonic()
    sent = storm.blow(works.port)
    seconds = time.monotonic() - began
    wait_until_credited(storm_town.url)
    references = {(each.channel, each.reference) for each in storm.payments} | {
        (each.payment.channel, each.payment.reference) for each in sent
    }
    found = Aftermath(storm.payments, sent, [each for each in kept(storm_town.url) if each[:2] in references])
    compared = sum(len(group) - 1 for group in found.repeats.values())
    print(
        f"payments {len(found.payments)}, callbacks {len(sent)}, lost {len(found.lost)}, doubled {len(found.doubled)}, "
        f"repeats compared {compared}, refused {len(found.refused)}, seconds {seconds:.1f}"
    )
    return found


def test_storm_reaches_every_channel_with_more_than_four_calls_a_payment(aftermath: Aftermath) -> None:
    assert {type(each) for each in aftermath.payments} == set(CHANNELS)
    assert len(aftermath.sent) >= 4.5 * len(aftermath.payments)
    assert any(each.is_undone for each in aftermath.payments)


def test_every_answer_has_a_code_its_protocol_allows(aftermath: Aftermath) -> None:
    answered = [each for each in aftermath.sent if each.answer]

    assert [(each.payment.channel, each.step, each.answer) for each in answered if each.code not in each.codes] == []


def test_nothing_acknowledged_is_lost(aftermath: Aftermath) -> None:
    assert [vars(each) for each in aftermath.lost] == []


def test_nothing_is_doubled(aftermath: Aftermath) -> None:
    assert aftermath.doubled == []


def test_refused_calls_leave_nothing(aftermath: Aftermath) -> None:
    assert len(aftermath.kept) == len(aftermath.payments)
    assert len(aftermath.refused) > 0


def test_repeats_are_accepted_alike_or_once(aftermath: Aftermath) -> None:
    for group in aftermath.repeats.values():
        step, accepted = group[0].step, [each.answer for each in group if each.code == 0]
        assert step is not None
        assert len(set(accepted) if step.repeats_answer else accepted) <= 1, accepted


def test_repeats_are_refused_alike(aftermath: Aftermath) -> None:
    for group in aftermath.repeats.values():
        by_code = defaultdict(set)
        for each in group:
            by_code[each.code].add(each.answer)
        # PAYNET is told where the transaction stands, and that changes once if it is cancelled.
        limit = 1 + (group[0].payment.is_undone and group[0].payment.channel == "PAYNET")
        assert all(len(answers) <= limit for code, answers in by_code.items() if code), by_code


def test_acknowledged_is_what_tenders_say_and_what_payments_say(aftermath: Aftermath) -> None:
    acknowledged = sum(each.amount_tiyin for each in aftermath.payments if not each.is_undone)

    assert acknowledged == sum(each.amount_tiyin for each in aftermath.kept if each.status == "PERFORMED")
    assert acknowledged == sum(each.paid_tiyin - each.reversed_tiyin for each in aftermath.kept)


def test_books_agree(aftermath: Aftermath, storm_town: DemoDatabase) -> None:
    assert len(aftermath.kept) > 0
    assert drifts(storm_town.url) == []
