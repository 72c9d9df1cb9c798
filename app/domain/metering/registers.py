"""The registers of meters: what each counts, and how people write their names."""

from enum import StrEnum


class RegisterCode(StrEnum):
    """What a register of a meter counts, and what a tariff can price."""

    TOTAL = "TOTAL"  # the only or whole counter of energy
    DAY = "DAY"
    HALF_PEAK = "HALF_PEAK"
    PEAK = "PEAK"
    NIGHT = "NIGHT"
    REACTIVE = "REACTIVE"  # reactive energy
    DEMAND = "DEMAND"  # not a counter: the largest capacity since it was reset


#: Registers that share the energy of the whole counter by hours of the day.
ZONE_REGISTERS = frozenset({RegisterCode.DAY, RegisterCode.HALF_PEAK, RegisterCode.PEAK, RegisterCode.NIGHT})

#: Other words for a register in files, in lower case without marks.
REGISTER_WORDS = {
    RegisterCode.TOTAL: ("total", "всего", "итого", "общий", "общая", "сумма", "jami", "umumiy", "жами", "умумий"),
    RegisterCode.DAY: ("day", "день", "дневной", "дневная", "kunduz", "kunduzgi", "кундуз", "кундузги"),
    RegisterCode.HALF_PEAK: ("half peak", "полупик", "полупиковая", "yarim tigʻiz", "ярим тиғиз"),
    RegisterCode.PEAK: ("peak", "пик", "пиковая", "tigʻiz", "тиғиз"),
    RegisterCode.NIGHT: ("night", "ночь", "ночной", "ночная", "tun", "tungi", "тун", "тунги"),
    RegisterCode.REACTIVE: ("reactive", "реактив", "реактивная", "reaktiv", "реактив энергия"),
    RegisterCode.DEMAND: ("demand", "мощность", "максимум мощности", "quvvat", "қувват"),
}
_CODES = {word: code for code, words in REGISTER_WORDS.items() for word in words}


def register_code(text: str) -> RegisterCode | None:
    """Return the register a text names by its code or a usual word; None if it names none.

    >>> register_code(" half-peak "), register_code("ночь"), register_code("T9")
    (<RegisterCode.HALF_PEAK: 'HALF_PEAK'>, <RegisterCode.NIGHT: 'NIGHT'>, None)
    """
    plain = " ".join(text.lower().replace("_", " ").replace("-", " ").replace("'", "ʻ").replace("‘", "ʻ").split())
    return _CODES.get(plain)
