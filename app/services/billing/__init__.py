"""Bill runs: previewed, then posted chunk by chunk."""

from app.services.billing.posting import post_chunk
from app.services.billing.runs import (
    CHUNK,
    AlreadyOpen,
    MonthNotOver,
    NotPreviewed,
    Preview,
    Totals,
    begin_posting,
    begin_preview,
    cancel_run,
    close_run,
    compute,
    empty_preview,
    finish_preview,
    open_run,
    policy_on,
    preview_steps,
    run_of,
)

__all__ = [
    "CHUNK",
    "AlreadyOpen",
    "MonthNotOver",
    "NotPreviewed",
    "Preview",
    "Totals",
    "begin_posting",
    "begin_preview",
    "cancel_run",
    "close_run",
    "compute",
    "empty_preview",
    "finish_preview",
    "open_run",
    "policy_on",
    "post_chunk",
    "preview_steps",
    "run_of",
]
