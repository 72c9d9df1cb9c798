"""Uzbek words in both scripts."""

import pytest

from app.domain.transliteration import beginnings, fold, to_cyrillic, to_latin, with_proper_marks

WORDS = [
    ("Oʻzbekiston", "Ўзбекистон"), ("Gʻafur Gʻulom", "Ғафур Ғулом"), ("Shahrisabz", "Шаҳрисабз"), ("Chilonzor", "Чилонзор"),
    ("Yunusobod", "Юнусобод"), ("Elektr tarmoqlari", "Электр тармоқлари"), ("maʼno", "маъно"), ("Toshkent", "Тошкент"), ("Yer", "Ер"),
]  # fmt: skip


@pytest.mark.parametrize(("latin", "cyrillic"), WORDS)
def test_word_is_written_in_the_other_script_and_back(latin: str, cyrillic: str) -> None:
    assert (to_cyrillic(latin), to_latin(cyrillic)) == (cyrillic, latin)
    assert fold(latin) == fold(cyrillic)


@pytest.mark.parametrize("mark", "'`‘’´ʼ")
def test_any_apostrophe_typed_becomes_the_proper_mark(mark: str) -> None:
    assert with_proper_marks(f"O{mark}zbek, g{mark}alaba, bog{mark}, to{mark}y") == "Oʻzbek, gʻalaba, bogʻ, toʻy"
    assert with_proper_marks(f"ma{mark}no, san{mark}at") == "maʼno, sanʼat"


def test_marks_of_a_word_that_has_the_right_ones_stay() -> None:
    assert with_proper_marks("Oʻzbek maʼno") == "Oʻzbek maʼno"


@pytest.mark.parametrize(
    "ways",
    [
        ("Gʻofurova", "G'ofurova", "Gofurova", "Ғофурова", "Гофурова", "ĞOFUROVA"),
        ("Xoʻjayev", "Xodjaev", "Ходжаев", "Хўжаев", "Ҳожаев", "Khodjayev"),
        ("Oʻktam", "Oktam", "Ўктам", "Уктам", "O’KTAM", "У\u0306ктам"),
        ("Ergash", "Yergash", "Эргаш", "Ергаш"),
        ("Valiyev", "Валиев", "Valiev"),
        ("Qodir", "Кодир", "Қодир"),
        ("Shcherbakov", "Щербаков"),
        ("Maʼmura", "Маъмура", "Mamura"),
        ("Yoqub", "Ёқуб"),
        ("Şahlo", "Шаҳло", "Shaxlo"),
        ("Dáwletmuratov", "Дәўлетмуратов"),
    ],
)
def test_name_is_folded_alike_however_it_is_written(ways: tuple[str, ...]) -> None:
    assert len({fold(way) for way in ways}) == 1


def test_words_are_parted_by_one_blank_and_hold_nothing_but_letters_and_digits() -> None:
    assert fold("  «Navoiy-Gaz» МЧЖ, 12-а ") == "navoi gaz mchj 12 a"
    assert fold("漢字 %_'") == ""


def test_word_may_go_on_with_a_letter_that_joins_its_last_one() -> None:
    assert {word: beginnings(word) for word in ("ak", "shc", "dz", "ganiya", "12")} == {
        "ak": ["ak", "ah"], "shc": ["shc", "sh"], "dz": ["dz", "j"], "ganiya": ["ganiya"], "12": ["12"],
    }  # fmt: skip


def test_e_is_ye_where_a_word_or_a_syllable_begins() -> None:
    assert [to_latin(word) for word in ("Ер", "ер", "поезд", "ТЕРМЕЗ", "подъезд")] == ["Yer", "yer", "poyezd", "TERMEZ", "podʼyezd"]
