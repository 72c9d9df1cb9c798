"""Penalty, inspection records and other charges beside the month's energy."""

from app.queries.claims.charges import ChargeRow, account_charges, charge
from app.queries.claims.inspections import RecordRow, SupplyDays, billed_energy, inspection_record, last_checked, supplies
from app.queries.claims.penalties import KINDS, Late, PenaltyWindow, count_accounts, late_bills, rate_sources, terms, window
from app.queries.claims.runs import charged_beyond, counted_from, posted_to

__all__ = [
    "KINDS",
    "ChargeRow",
    "Late",
    "PenaltyWindow",
    "RecordRow",
    "SupplyDays",
    "account_charges",
    "billed_energy",
    "charge",
    "charged_beyond",
    "count_accounts",
    "counted_from",
    "inspection_record",
    "last_checked",
    "late_bills",
    "posted_to",
    "rate_sources",
    "supplies",
    "terms",
    "window",
]
