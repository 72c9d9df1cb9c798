"""Bill runs: previewed, then posted chunk by chunk."""

from app.services.billing.posting import post_chunk
from app.services.billing.runs import (
    CHUNK,
    RUN,
    BillRunTotals,
    MonthNotOver,
    Preview,
    begin_posting,
    begin_preview,
    compute,
    empty_preview,
    finish_preview,
    open_run,
    policy_on,
    preview_steps,
)

__all__ = [
    "CHUNK",
    "RUN",
    "BillRunTotals",
    "MonthNotOver",
    "Preview",
    "begin_posting",
    "begin_preview",
    "compute",
    "empty_preview",
    "finish_preview",
    "open_run",
    "policy_on",
    "post_chunk",
    "preview_steps",
]
