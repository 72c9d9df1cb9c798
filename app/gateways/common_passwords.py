"""The passwords everybody tries: the frequency list that comes with zxcvbn (30,000 most used of leaked passwords)."""

from functools import cache


@cache
def common_passwords() -> frozenset[str]:
    """Return the most used passwords, in lower case."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - 12 MB that only new passwords need

    return frozenset(FREQUENCY_LISTS["passwords"])
