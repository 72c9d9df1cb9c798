"""Which bills stand. A bill is found by its number and its month: one that takes another back is of the same month."""


def live(bill: str) -> str:
    """Return the SQL that tells whether a bill (by its alias) stands: it neither takes back another nor was taken back."""
    return f"{bill}.cancels_id IS NULL AND NOT {taken_back(bill)}"


def taken_back(bill: str) -> str:
    """Return the SQL that tells whether a bill (by its alias) was taken back."""
    return f"EXISTS (SELECT 1 FROM bill live WHERE live.cancels_id = {bill}.id AND live.billing_month = {bill}.billing_month)"


def charged(charge: str) -> str:
    """Return the SQL that tells whether a charge (by its alias) stands on a bill that stands."""
    line = f"bill_line l JOIN bill b ON b.id = l.bill_id AND b.billing_month = l.billing_month WHERE l.charge_id = {charge}.id"
    return f"EXISTS (SELECT 1 FROM {line} AND {live('b')})"
