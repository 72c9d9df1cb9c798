"""The chain of seals: the walk along it names the first bad row, whatever was done to it."""

import hashlib
from collections.abc import Sequence

import pytest

from app.domain.administration.audit import GENESIS, AuditFault, ChainProblem, Link, Walk

TEXTS = ("taken", "changed", "sent", "paid", "closed")


def chain_of(texts: Sequence[str]) -> list[Link]:
    """Return links whose entries bear numbers of their own, each sealed upon the one before."""
    links, before = [], GENESIS
    for seq, told in enumerate(texts, 1):
        before = hashlib.sha256(before + told.encode()).digest()
        links.append(Link(seq, 100 + seq, before, told))
    return links


def fault_in(links: Sequence[Link], known: dict[int, str] | None = None, batch: int = 100) -> AuditFault | None:
    """Walk along links, so many at a time, to the end."""
    walk = Walk(known or {})
    for start in range(0, len(links), batch):
        fault = walk.verify(links[start : start + batch])
        if fault is not None:
            return fault
    return walk.end()


INTACT = chain_of(TEXTS)
HEADS = {link.seq: link.hash.hex() for link in INTACT}


def replaced(place: int, **changes: object) -> list[Link]:
    return [link._replace(**changes) if number == place else link for number, link in enumerate(INTACT)]  # type: ignore[arg-type]


@pytest.mark.parametrize("known", [{}, HEADS, {5: HEADS[5]}])
@pytest.mark.parametrize("batch", [1, 2, 100])
def test_intact_chain_has_no_fault_however_it_is_read(known: dict[int, str], batch: int) -> None:
    assert fault_in(INTACT, known, batch) is None


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
@pytest.mark.parametrize("place", range(len(TEXTS)))
def test_changed_entry_is_named_also_as_the_last_one(place: int, batch: int) -> None:
    assert fault_in(replaced(place, text="altered"), batch=batch) == AuditFault(ChainProblem.CHANGED, place + 1, 101 + place)


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
@pytest.mark.parametrize("place", range(len(TEXTS) - 1))
def test_altered_seal_is_told_from_a_changed_entry_by_the_one_after_it(place: int, batch: int) -> None:
    found = fault_in(replaced(place, hash=bytes(32)), batch=batch)

    assert found == AuditFault(ChainProblem.SEAL_ALTERED, place + 1, 101 + place)


def test_altered_last_seal_is_told_by_a_head_kept_outside() -> None:
    altered = replaced(4, hash=bytes(32))

    assert fault_in(altered, {5: HEADS[5]}) == AuditFault(ChainProblem.SEAL_ALTERED, 5, 105)
    assert fault_in(altered) == AuditFault(ChainProblem.CHANGED, 5, 105)


@pytest.mark.parametrize("place", range(len(TEXTS)))
def test_entry_that_is_gone_is_named_by_its_seal(place: int) -> None:
    assert fault_in(replaced(place, text=None)) == AuditFault(ChainProblem.DELETED, place + 1, 101 + place)


@pytest.mark.parametrize("place", range(len(TEXTS) - 1))
def test_seal_that_is_gone_is_named_by_the_number_it_had(place: int) -> None:
    without = [link for number, link in enumerate(INTACT) if number != place]

    assert fault_in(without) == AuditFault(ChainProblem.SEAL_DELETED, place + 1, None)


def test_chain_that_ends_before_a_head_kept_outside_was_cut() -> None:
    assert fault_in(INTACT[:3], HEADS) == AuditFault(ChainProblem.CUT, 4, None)
    assert fault_in(INTACT[:3], {3: HEADS[3]}) is None


def test_chain_sealed_anew_after_a_change_is_found_by_the_heads_kept_outside() -> None:
    anew = chain_of(["taken", "altered", *TEXTS[2:]])

    assert fault_in(anew) is None
    assert fault_in(anew, {4: HEADS[4]}) == AuditFault(ChainProblem.SEAL_ALTERED, 4, 104)
