"""Uzbek letters: the two scripts, and the marks oʻ and gʻ are written with."""

import re

_PAIRS = (
    ("Oʻ", "Ў"), ("oʻ", "ў"), ("Gʻ", "Ғ"), ("gʻ", "ғ"), ("Sh", "Ш"), ("SH", "Ш"), ("sh", "ш"), ("Ch", "Ч"), ("CH", "Ч"), ("ch", "ч"),
    ("Yo", "Ё"), ("yo", "ё"), ("Yu", "Ю"), ("yu", "ю"), ("Ya", "Я"), ("ya", "я"), ("Ye", "Е"), ("ye", "е"), ("Ts", "Ц"), ("ts", "ц"),
    ("A", "А"), ("B", "Б"), ("D", "Д"), ("E", "Е"), ("F", "Ф"), ("G", "Г"), ("H", "Ҳ"), ("I", "И"), ("J", "Ж"), ("K", "К"), ("L", "Л"),
    ("M", "М"), ("N", "Н"), ("O", "О"), ("P", "П"), ("Q", "Қ"), ("R", "Р"), ("S", "С"), ("T", "Т"), ("U", "У"), ("V", "В"), ("X", "Х"),
    ("Y", "Й"), ("Z", "З"), ("a", "а"), ("b", "б"), ("d", "д"), ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "ҳ"), ("i", "и"), ("j", "ж"),
    ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("q", "қ"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"),
    ("v", "в"), ("x", "х"), ("y", "й"), ("z", "з"), ("ʼ", "ъ"),
)  # fmt: skip
_OTHER_APOSTROPHES = "'`‘’´"
_E_AFTER_CONSONANT = re.compile(r"(?<=[бвгғджзйкқлмнпрстфхҳцчшщБВГҒДЖЗЙКҚЛМНПРСТФХҲЦЧШЩ])[еЕ]")


def with_proper_marks(text: str) -> str:
    """Return Latin text with the turned comma of oʻ and gʻ, whichever apostrophe was typed."""
    for letter in "OoGg":
        for apostrophe in (*_OTHER_APOSTROPHES, "ʼ"):
            text = text.replace(letter + apostrophe, f"{letter}ʻ")
    for apostrophe in _OTHER_APOSTROPHES:
        text = text.replace(apostrophe, "ʼ")
    return text


def to_cyrillic(text: str) -> str:
    """Return Uzbek Latin text in Cyrillic letters."""
    text = with_proper_marks(text)
    words = " ".join(_initial_e(word) for word in text.split(" "))
    for latin, cyrillic in _PAIRS:
        words = words.replace(latin, cyrillic)
    return words


def to_latin(text: str) -> str:
    """Return Uzbek Cyrillic text in Latin letters; е is ye where a word or a syllable begins with it, and e after a consonant."""
    text = _E_AFTER_CONSONANT.sub(lambda found: "e" if found[0] == "е" else "E", text)
    for latin, cyrillic in _PAIRS:
        text = text.replace(cyrillic, latin)
    return text.replace("Э", "E").replace("э", "e").replace("ь", "").replace("Ы", "I").replace("ы", "i")


def in_other_script(text: str) -> str:
    """Return a search word in the script it was not typed in; Latin also gets its proper marks."""
    return to_latin(text) if any("а" <= letter.lower() <= "я" or letter in "ЎўҚқҒғҲҳЁё" for letter in text) else to_cyrillic(text)


def _initial_e(word: str) -> str:
    return {"E": "Э", "e": "э"}[word[0]] + word[1:] if word[:1] in {"E", "e"} else word
