"""Uzbek letters: the two scripts, and the marks oʻ and gʻ are written with."""

import re
import string
import unicodedata

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


def _initial_e(word: str) -> str:
    return {"E": "Э", "e": "э"}[word[0]] + word[1:] if word[:1] in {"E", "e"} else word


#: Letters that searching takes for one: both scripts, х and ҳ, г and ғ, к and қ, у and ў (and so o, oʻ and u), е and э.
_ALIKE = {
    "a": "аә", "b": "б", "v": "в", "g": "гғ", "d": "д", "e": "еэ", "j": "жҗҷ", "z": "з", "i": "иыіı", "y": "й", "k": "кқq", "l": "л",
    "m": "м", "n": "нң", "o": "оуўөүұuw", "p": "п", "r": "р", "s": "с", "t": "т", "f": "ф", "h": "хҳһx", "ш": "ş", "ч": "ç",
}  # fmt: skip
#: Cyrillic letters that are written as several Latin ones.
_SEVERAL = (("ш", "sh"), ("щ", "sh"), ("ч", "ch"), ("ц", "ts"), ("ё", "yo"), ("ю", "yo"), ("я", "ya"))
#: Several letters that passports and people write for one.
_JOINED = (("shch", "sh"), ("ye", "e"), ("iy", "i"), ("kh", "h"), ("gh", "g"), ("zh", "j"), ("dj", "j"))
_APOSTROPHES = "'`´ʹʻʼʽˈˊˋ‘’‛′＇ъь"
#: Latin letters with marks: of Karakalpak, of the alphabets proposed for Uzbek, of foreign names.
_MARKED = (*range(0xC0, 0x180), *map(ord, "ǴǵḠḡ"))
_NO_WORD = re.compile("[^a-z0-9]+")


def _single_letters() -> dict[str, str]:
    """Return what each letter becomes alone; what is missing stays."""
    small = {alike: letter for letter, letters in _ALIKE.items() for alike in letters} | dict.fromkeys(_APOSTROPHES, "")
    for marked in map(chr, _MARKED):
        decomposed = unicodedata.normalize("NFD", marked.lower())
        if len(decomposed) > 1:
            small.setdefault(marked.lower(), small.get(decomposed[0], decomposed[0]))
    letters = small | {
        letter: letter for letter in (*string.ascii_lowercase, *(each for each, _letters in _SEVERAL)) if letter not in small
    }
    return {each: folded for letter, folded in letters.items() for each in (letter, letter.upper()) if len(each) == 1 and each != folded}


_SINGLE = str.maketrans(_single_letters())


def fold(text: str) -> str:
    """Return what searching compares: the words of a text in one script, without marks and case, parted by blanks.

    The database has the same as ``folded``, which its indexes are made of; a test compares both letter by letter.

    >>> fold("Ғофурова Ҳилола"), fold("Gʻofurova Hilola"), fold("GOFUROVA  XILOLA")
    ('goforova hilola', 'goforova hilola', 'goforova hilola')
    """
    folded = unicodedata.normalize("NFC", text).translate(_SINGLE)
    for written, letters in (*_SEVERAL, *_JOINED):
        folded = folded.replace(written, letters)
    return _NO_WORD.sub(" ", folded).strip()


def beginnings(word: str) -> list[str]:
    """Return how a word may begin that was typed as far as this folded part: a letter to come can join with its last ones.

    >>> beginnings("akm"), beginnings("mok")
    (['akm'], ['mok', 'moh'])
    """
    longer = map(_join_last, (word + letter for letter in "hje"))
    return [word, *(each[: len(word)] for each in longer if not each.startswith(word))]


def _join_last(word: str) -> str:
    for written, letters in _JOINED:
        if word.endswith(written):
            word = word.removesuffix(written) + letters
    return word
