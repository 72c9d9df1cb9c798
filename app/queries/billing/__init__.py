"""What a bill run reads, and bills for people."""

from app.queries.billing.bills import (
    AccountBill,
    BillHead,
    BillLineRow,
    ConsumptionRow,
    MonthEnergy,
    account_bill,
    account_bills,
    account_numbers,
    bill_consumption,
    bill_head,
    bill_heads,
    bill_id_of,
    bill_lines,
    bill_of_month_before,
    consumption_by_month,
)
from app.queries.billing.inputs import Chunk, chunk, count_to_bill, month_number, next_revisions, to_bill
from app.queries.billing.registers import bill_readings, further_readings
from app.queries.billing.rules import made_with
from app.queries.live import live

__all__ = [
    "AccountBill",
    "BillHead",
    "BillLineRow",
    "Chunk",
    "ConsumptionRow",
    "MonthEnergy",
    "account_bill",
    "account_bills",
    "account_numbers",
    "bill_consumption",
    "bill_head",
    "bill_heads",
    "bill_id_of",
    "bill_lines",
    "bill_of_month_before",
    "bill_readings",
    "chunk",
    "consumption_by_month",
    "count_to_bill",
    "further_readings",
    "live",
    "made_with",
    "month_number",
    "next_revisions",
    "to_bill",
]
