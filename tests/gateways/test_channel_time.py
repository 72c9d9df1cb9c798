"""Moments of payment channels are taken exactly as ``strptime`` and back took them, only faster."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.gateways import channel_time
from app.gateways.channel_time import DOTTED, ISO_LIKE, UTC_PLUS_5

FIRST, LAST = (datetime.fromisoformat(f"{day} 00:00:00") for day in ("1000-01-02", "9999-12-30"))
#: Years that strftime writes with fewer than four digits are among them.
WRITTEN = st.tuples(st.datetimes(), st.sampled_from([ISO_LIKE, DOTTED])).map(lambda each: each[0].strftime(each[1]))
LIKE = st.from_regex(
    r"[0-9٢]{1,4}[-.][0-9]{1,2}[-.][0-9]{1,4}[ T]{1,2}[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?(Z|\+05:00)?", fullmatch=True
)
ENDED = st.tuples(WRITTEN, st.sampled_from(["Z", "+05", "+05:00", ".0", ".123456", " ", "\n", "0"])).map("".join)


@st.composite
def _damaged(draw: st.DrawFn) -> str:
    text = draw(WRITTEN)
    place = draw(st.integers(0, len(text) - 1))
    return text[:place] + draw(st.sampled_from([*"0123456789-.: T+ZW٣", ""])) + text[place + draw(st.integers(0, 2)) :]


def by_strptime(value: Any, *patterns: str) -> datetime | None:
    """The rule as it was."""
    for pattern in patterns:
        try:
            local = datetime.strptime(value, pattern).replace(tzinfo=UTC_PLUS_5)
        except (TypeError, ValueError):
            continue
        if local.strftime(pattern) == value:
            return local.astimezone(UTC)
    return None


@pytest.mark.parametrize("patterns", [(ISO_LIKE,), (DOTTED,), (ISO_LIKE, DOTTED)])
@given(value=WRITTEN | LIKE | ENDED | _damaged() | st.text(max_size=20) | st.none() | st.integers() | st.lists(st.text(), max_size=2))
@example(value="2026-09-22T11:06:00")
@example(value="2026-09-22 11+05:00")
@example(value="2026-W39-2 11:06:00")
@example(value="0999-09-22 11:06:00")
@example(value="1000-01-01 00:00:00")
@example(value="9999-12-31 23:59:59")
@example(value="22.09.2026 24:00:00")
@example(value="2026-02-29 00:00:00")
def test_moment_is_taken_exactly_where_it_was_taken_before(value: Any, patterns: tuple[str, ...]) -> None:
    assert channel_time.decode(value, *patterns) == by_strptime(value, *patterns)


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_moment_that_is_written_is_read_again_but_for_parts_of_a_second(moment: datetime) -> None:
    assert channel_time.decode(channel_time.encode(moment), ISO_LIKE) == moment.replace(microsecond=0)
