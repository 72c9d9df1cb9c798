"""What a translated text must keep of its source."""

import pytest

from app.domain.administration.translations import EmptyText, HoldsMarkup, PlacesDiffer, catalog_text, check_texts, holds_markup


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (["Rows"], ["Qatorlar"]),
        (["%(a)s of %(b)s"], ["%(b)s/%(a)s"]),
        (["%(num)s row", "%(num)s rows"], ["bitta qator", "%(num)s qator"]),
        (["%(num)d row of %(a)s", "%(num)d rows of %(a)s"], ["%(a)s", "%(num)d, %(a)s"]),
        (["100 %%"], ["100 %%"]),
    ],
)
def test_text_that_keeps_its_places_is_taken(source: list[str], texts: list[str]) -> None:
    check_texts(source, texts)


@pytest.mark.parametrize("text", ["%(a)s", "%(a)s %(b)s %(c)s", "%(a)s %(b)s %", "%(a)s %(b)"])
def test_text_with_other_places_is_refused_and_told_which_they_are(text: str) -> None:
    with pytest.raises(PlacesDiffer, match=r"^%\(a\)s, %\(b\)s$"):
        check_texts(["%(a)s of %(b)s"], [text])


@pytest.mark.parametrize(("source", "texts"), [(["%(num)s rows"], ["qatorlar"]), (["%(a)s row", "%(a)s rows"], ["qator", "%(a)s qator"])])
def test_only_the_number_of_a_plural_may_be_left_out(source: list[str], texts: list[str]) -> None:
    with pytest.raises(PlacesDiffer):
        check_texts(source, texts)


@pytest.mark.parametrize("texts", [["qator", " "], [""]])
def test_empty_form_is_refused(texts: list[str]) -> None:
    with pytest.raises(EmptyText):
        check_texts(["row", "rows"], texts)


@pytest.mark.parametrize(
    ("text", "holds"), [("a < b", True), ("a > b", True), ("&lt;", True), ("&#60;", True), ("a\\", True), ("a & b", False), ("&lt", False)]
)
def test_markup_is_refused(text: str, *, holds: bool) -> None:
    assert holds_markup(text) is holds
    if holds:
        with pytest.raises(HoldsMarkup):
            check_texts(["Rows"], [text])
    else:
        check_texts(["Rows"], [text])


def test_text_of_a_catalog_stays_as_it_is() -> None:
    assert catalog_text("Rows") == "Rows"
