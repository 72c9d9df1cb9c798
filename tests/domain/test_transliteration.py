"""Uzbek words in both scripts."""

import pytest

from app.domain.transliteration import in_other_script, to_cyrillic, to_latin, with_proper_marks

WORDS = [
    ("Oʻzbekiston", "Ўзбекистон"), ("Gʻafur Gʻulom", "Ғафур Ғулом"), ("Shahrisabz", "Шаҳрисабз"), ("Chilonzor", "Чилонзор"),
    ("Yunusobod", "Юнусобод"), ("Elektr tarmoqlari", "Электр тармоқлари"), ("maʼno", "маъно"), ("Toshkent", "Тошкент"), ("Yer", "Ер"),
]  # fmt: skip


@pytest.mark.parametrize(("latin", "cyrillic"), WORDS)
def test_word_is_written_in_the_other_script_and_back(latin: str, cyrillic: str) -> None:
    assert (to_cyrillic(latin), to_latin(cyrillic)) == (cyrillic, latin)
    assert (in_other_script(latin), in_other_script(cyrillic)) == (cyrillic, latin)


@pytest.mark.parametrize("mark", "'`‘’´ʼ")
def test_any_apostrophe_typed_becomes_the_proper_mark(mark: str) -> None:
    assert with_proper_marks(f"O{mark}zbek, g{mark}alaba, bog{mark}, to{mark}y") == "Oʻzbek, gʻalaba, bogʻ, toʻy"
    assert with_proper_marks(f"ma{mark}no, san{mark}at") == "maʼno, sanʼat"


def test_marks_of_a_word_that_has_the_right_ones_stay() -> None:
    assert with_proper_marks("Oʻzbek maʼno") == "Oʻzbek maʼno"


def test_search_word_with_any_apostrophe_finds_the_other_script() -> None:
    assert in_other_script("o'zbek") == "ўзбек"


def test_e_is_ye_where_a_word_or_a_syllable_begins() -> None:
    assert [to_latin(word) for word in ("Ер", "ер", "поезд", "ТЕРМЕЗ", "подъезд")] == ["Yer", "yer", "poyezd", "TERMEZ", "podʼyezd"]
