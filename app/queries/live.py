"""Which bills stand."""


def live(bill: str) -> str:
    """Return the SQL that tells whether a bill (by its alias) stands: it neither takes back another nor was taken back."""
    return f"{bill}.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill live WHERE live.cancels_id = {bill}.id)"
