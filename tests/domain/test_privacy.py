"""What hides personal data in texts: each kind of number, and nothing else."""

import pytest

from app.domain.administration.privacy import scrubbed, scrubbed_query


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("passport AA1234567.", "passport •••••••67."),
        ("AA 1234567", "••••••••67"),
        ("personal number 30101199000012", "personal number ••••••••••••12"),
        ("card 8600123412341234", "card ••••••••••••••34"),
        ("to 20208000900123456001", "to ••••••••••••••••••01"),
        ("call 998 90 123 45 34 or %2B998901234535", "call •• ••• •• 34 or •• ••• •• 35"),
        ("account 269010000017, AAA1234567, AA123456, 8600123412341234X", "account 269010000017, AAA1234567, AA123456, 8600123412341234X"),
    ],
)
def test_numbers_of_persons_are_hidden_but_for_their_end(text: str, hidden: str) -> None:
    assert scrubbed(text) == hidden


@pytest.mark.parametrize("typed", ["977654321", "97 765 43 21", "97-765-43-21", "+998977654321"])
@pytest.mark.parametrize("name", ["q", "_q", "_flt_0_account"])
def test_telephone_somebody_searched_by_is_hidden_however_it_was_typed(name: str, typed: str) -> None:
    assert scrubbed_query({name: typed}) == {name: "•• ••• •• 21"}


@pytest.mark.parametrize(("name", "kept"), [("_flt_0_due_on", "2026-11-30"), ("q", "Marker 269010000017"), ("row", "977654321")])
def test_what_names_nobody_stays_in_a_search(name: str, kept: str) -> None:
    assert scrubbed_query({name: kept}) == {name: kept}
