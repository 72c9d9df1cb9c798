"""A change goes the listed ways and no others; blocks are read as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.readers import ReadingFault
from app.domain.reference import DICTIONARIES, TRANSITIONS, ChangeEvent, ChangeStatus, NotPossibleNow, RowFault, RowRefused, moved
from app.domain.reference.addresses import is_listed
from app.domain.tariffs import Block, NotBlocks, blocks_of, blocks_text


@pytest.mark.parametrize("status", list(ChangeStatus))
@pytest.mark.parametrize("event", list(ChangeEvent))
def test_change_moves_only_as_listed(status: ChangeStatus, event: ChangeEvent) -> None:
    if (status, event) in TRANSITIONS:
        assert moved(status, event) == TRANSITIONS[status, event]
    else:
        with pytest.raises(NotPossibleNow):
            moved(status, event)


def test_a_key_is_among_the_columns() -> None:
    assert [table for table, dictionary in DICTIONARIES.items() if not set(dictionary.key) <= set(dictionary.columns)] == []


ends = st.lists(st.integers(1, 10**12), unique=True, max_size=9).map(sorted)
rates = st.integers(0, 10**13)


@given(ends, st.data())
def test_blocks_are_read_as_they_are_written(uppers: list[int], data: st.DataObject) -> None:
    blocks = tuple(Block(upper, data.draw(rates)) for upper in [*uppers, None])

    assert blocks_of(blocks_text(blocks)) == blocks


@pytest.mark.parametrize(
    "text", ["", "600", "200=600", "=600; =700", "500=1; 200=2; =3", "200=1; 200=2; =3", "200=x; =3", "200=1; =-3", "0=1; =2", "=1.00001"]
)
def test_what_is_no_steps_is_refused(text: str) -> None:
    with pytest.raises(NotBlocks):
        blocks_of(text)


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("https://api.click.uz/v2/", True),
        ("https://API.click.uz./", True),
        ("https://api.click.uz:443/", True),
        ("https://api.click.uz:444/", False),
        ("http://api.click.uz/", False),
        ("https://user@api.click.uz/", False),
        ("https://click.uz/", False),
        ("ftp://api.click.uz/", False),
        ("https://[/", False),
        ("http://localhost:8080/", True),
        ("https://localhost:8080/", True),
        ("http://user@localhost:8080/", False),
        ("ftp://localhost/", False),
        ("http://127.0.0.1/", False),  # this machine, but the operator has not listed it
    ],
)
def test_address_is_asked_only_at_a_listed_host_by_tls_but_for_this_machine(address: str, listed: bool) -> None:
    assert is_listed(address, {"api.click.uz", "localhost"}) is listed


def test_refused_row_quotes_a_hundred_letters() -> None:
    refused = RowRefused("name", ReadingFault.TEXT_TOO_LONG, "x" * 150).of(7)

    assert (refused.row_no, refused.column, refused.fault, refused.value) == (7, "name", RowFault.TEXT_TOO_LONG, "x" * 100)
