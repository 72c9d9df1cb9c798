"""Who tries keys at the providers' addresses is turned away for a while; a provider that has shown its key never is."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

#: Wrong keys from one address that a process hears. A provider's sandbox begins with about seven.
MOST = parse("10 per 5 minutes")


class Tries:
    """What a process remembers of addresses: those that showed a contract's key, and the wrong keys of the others."""

    def __init__(self) -> None:
        self._wrong = MovingWindowRateLimiter(MemoryStorage())
        self._known = set[str]()

    def are_over(self, address: str) -> bool:
        """Tell whether an address is not heard now."""
        return address not in self._known and not self._wrong.test(MOST, address)

    def note(self, address: str, *, is_known: bool | None) -> None:
        """Remember whether an address showed a right key or a wrong one; None: it showed none."""
        if is_known:
            self._known.add(address)
        elif is_known is False:
            self._wrong.hit(MOST, address)
