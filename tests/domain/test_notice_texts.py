"""Parts of SMS, what is filled into templates, and what receipts prove."""

from itertools import permutations

import pytest

from app.domain.notices import NoticeStatus, ReceiptMeaning, sms_parts, sms_text, status_by_receipt


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),  # a sign of two septets is not cut
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("я" * 66 + "🙂" + "я" * 66, 3),  # nor one of two units
        (sms_text("oʻ gʻ ʼ" * 20), 1),
        ("oʻ" * 40, 2),
        ("", 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_parts_are_counted_by_the_alphabet(text: str, parts: int) -> None:
    assert sms_parts(text) == parts


DELIVERED, UNDELIVERED, UNDER_WAY = ReceiptMeaning.DELIVERED, ReceiptMeaning.UNDELIVERED, ReceiptMeaning.UNDER_WAY


@pytest.mark.parametrize("order", [*permutations((DELIVERED, UNDELIVERED, UNDER_WAY))], ids=str)
def test_receipts_in_any_order_end_alike(order: tuple[ReceiptMeaning, ...]) -> None:
    status = NoticeStatus.SENT

    for meaning in order:
        status = status_by_receipt(status, meaning) or status

    assert status == NoticeStatus.DELIVERED


@pytest.mark.parametrize("status", [each for each in NoticeStatus if each not in {"SENDING", "SENT", "IN_DOUBT", "UNDELIVERED"}])
@pytest.mark.parametrize("meaning", ReceiptMeaning)
def test_receipt_moves_no_message_that_did_not_leave(status: NoticeStatus, meaning: ReceiptMeaning) -> None:
    assert status_by_receipt(status, meaning) is None
