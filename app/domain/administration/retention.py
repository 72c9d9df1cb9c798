"""Tables whose rows are deleted when they are old; what stands in the books, in papers and in the audit trail is not among them."""

from collections.abc import Mapping

#: Table → the operating parameter that says after how many days its rows are deleted.
RETENTION: Mapping[str, str] = {
    "consumer_reply": "portal.replies_days",
    "inquiry": "notices.inquiries_days",
}
