"""What the columns of a file of devices' readings are called."""

from app.gateways.uploads import FileColumn

SPEC_COLUMNS = {
    "meter_number": FileColumn(
        en=("meter number", "meter no", "meter", "device", "serial number"),
        ru=("номер счётчика", "№ счётчика", "счётчик", "номер прибора учёта", "заводской номер"),
        uz=("hisoblagich raqami", "hisoblagich"),
        uz_Cyrl=("ҳисоблагич рақами", "ҳисоблагич"),
    ),
    "read_on": FileColumn(
        en=("read at", "read on", "time", "date"),
        ru=("время показания", "дата показания", "дата и время", "время", "дата"),
        uz=("koʻrsatkich vaqti", "koʻrsatkich sanasi", "vaqt", "sana"),
        uz_Cyrl=("кўрсаткич вақти", "кўрсаткич санаси", "вақт", "сана"),
    ),
    "dial": FileColumn(
        en=("dial", "reading", "value"),
        ru=("показание", "показания", "значение"),
        uz=("koʻrsatkich", "koʻrsatkichi", "qiymat"),
        uz_Cyrl=("кўрсаткич", "кўрсаткичи", "қиймат"),
    ),
    "register": FileColumn(
        en=("register", "zone", "tariff zone"),
        ru=("регистр", "зона", "тарифная зона", "шкала"),
        uz=("registr", "zona", "tarif zonasi"),
        uz_Cyrl=("регистр коди",),
        is_needed=False,
    ),
    "quality": FileColumn(
        en=("quality",), ru=("качество", "достоверность"), uz=("sifat", "sifati"), uz_Cyrl=("сифат", "сифати"), is_needed=False
    ),
}
DEVICE_COLUMNS = {name: column.names for name, column in SPEC_COLUMNS.items()}
NEEDED = tuple(name for name, column in SPEC_COLUMNS.items() if column.is_needed)
