"""The ledger: entries and the sums that change with them, and money set against bills."""

from app.services.ledger.posting import BilledUpTo, PostingAccounts, lock_positions, open_positions, post, post_months
from app.services.ledger.settlement import release_bills, reverse_receipts, settle, settle_receipts

__all__ = [
    "BilledUpTo",
    "PostingAccounts",
    "lock_positions",
    "open_positions",
    "post",
    "post_months",
    "release_bills",
    "reverse_receipts",
    "settle",
    "settle_receipts",
]
