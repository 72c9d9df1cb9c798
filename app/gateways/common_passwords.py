"""The passwords everybody tries: the frequency list that comes with zxcvbn (30,000 most used of leaked passwords)."""

from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS


@cache
def common_passwords() -> frozenset[str]:
    """Return the most used passwords, in lower case."""
    return frozenset(FREQUENCY_LISTS["passwords"])
