"""Who tries keys at the providers' addresses: what is counted, and from when on such calls are not kept any more.

A right key is always accepted, whoever else calls from its address (a proxy, an office): a wrong key costs a line in the log, no more.
"""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

#: Wrong keys from one address that a process keeps for people to look at. A provider's sandbox begins with about seven.
MOST = parse("10 per 5 minutes")


class FailedKeyLimiter:
    """What a process remembers of the wrong keys of each address."""

    def __init__(self) -> None:
        self._wrong = MovingWindowRateLimiter(MemoryStorage())

    def is_limited(self, address: str) -> bool:
        """Count a wrong key; return whether the address has shown too many."""
        return not self._wrong.hit(MOST, address)
