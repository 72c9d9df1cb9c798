"""Reference information that every installation starts with: the tree of regions, resources, tariffs, VAT.

Sources: regions — state classifier SOATO; household electricity — Cabinet of Ministers resolution no. 204 of 2024-04-16
and its amendment no. 194 of 2025; legal tariffs — announced with effect from 2023-10-01 and 2025-05-01; VAT 12 % since
2023-01-01. The step 201–500 of the electric-stove tariff of 2025-05-01 is inferred as one half of the ordinary rate.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REPUBLIC = (
    "17",
    "Oʻzbekiston Respublikasi",
    "Ўзбекистон Республикаси",
    "Республика Узбекистан",
)
REGIONS = (
    ("1703", "Andijon", "Андижон", "Андижанская область"),
    ("1706", "Buxoro", "Бухоро", "Бухарская область"),
    ("1708", "Jizzax", "Жиззах", "Джизакская область"),
    ("1710", "Qashqadaryo", "Қашқадарё", "Кашкадарьинская область"),
    ("1712", "Navoiy", "Навоий", "Навоийская область"),
    ("1714", "Namangan", "Наманган", "Наманганская область"),
    ("1718", "Samarqand", "Самарқанд", "Самаркандская область"),
    ("1722", "Surxondaryo", "Сурхондарё", "Сурхандарьинская область"),
    ("1724", "Sirdaryo", "Сирдарё", "Сырдарьинская область"),
    ("1726", "Toshkent shahri", "Тошкент шаҳри", "город Ташкент"),
    ("1727", "Toshkent viloyati", "Тошкент вилояти", "Ташкентская область"),
    ("1730", "Fargʻona", "Фарғона", "Ферганская область"),
    ("1733", "Xorazm", "Хоразм", "Хорезмская область"),
    ("1735", "Qoraqalpogʻiston", "Қорақалпоғистон", "Каракалпакстан"),
)
RESOURCES = (
    ("ELECTRICITY", "Elektr energiyasi", "kWh", 1000),
    ("GAS", "Tabiiy gaz", "m³", 1000),
    ("HEAT", "Issiqlik energiyasi", "Gcal", 1),
    ("WATER", "Suv", "m³", 1000),
)
GROUPS = (
    ("HOUSEHOLD", "Aholi", "HOUSEHOLD"),
    ("HOUSEHOLD_STOVE", "Aholi, elektr plitali uylar", "HOUSEHOLD"),
    ("LEGAL", "Yuridik isteʼmolchilar", "LEGAL"),
    ("LEGAL_BUDGET", "Budjet tashkilotlari va yirik sanoat", "LEGAL"),
)
_204 = "Vazirlar Mahkamasining 2024-yil 16-apreldagi 204-son qarori"
_194 = "204-son qaror, 2025-yildagi 194-son qaror tahririda"
_LEGAL_2023 = "2023-yil 1-oktabrdan amaldagi tariflar (eʼlon qilingan)"

#: resource, group, from, to, source, ((upper limit in units, soʻm per unit), …)
TARIFFS = (
    ("HOUSEHOLD", "2000-01-01", "2024-05-01", "2024-yil 1-maygacha yagona tarif", ((None, "295"),)),
    ("HOUSEHOLD", "2024-05-01", "2025-05-01", _204,
     ((200, "450"), (1000, "900"), (5000, "1350"), (10000, "1575"), (None, "1800"))),
    ("HOUSEHOLD", "2025-05-01", None, _194,
     ((200, "600"), (500, "800"), (1000, "1000"), (5000, "1500"), (10000, "1750"), (None, "2000"))),
    ("HOUSEHOLD_STOVE", "2000-01-01", "2024-05-01", "2024-yil 1-maygacha yagona tarif", ((None, "147.5"),)),
    ("HOUSEHOLD_STOVE", "2024-05-01", "2025-05-01", _204,
     ((200, "225"), (1000, "450"), (5000, "675"), (10000, "787.5"), (None, "900"))),
    ("HOUSEHOLD_STOVE", "2025-05-01", None, _194,
     ((200, "300"), (500, "400"), (1000, "500"), (5000, "750"), (10000, "875"), (None, "1000"))),
    ("LEGAL", "2023-10-01", "2025-05-01", _LEGAL_2023, ((None, "900"),)),
    ("LEGAL", "2025-05-01", None, _194, ((None, "1000"),)),
    ("LEGAL_BUDGET", "2023-10-01", "2025-05-01", _LEGAL_2023, ((None, "1000"),)),
    ("LEGAL_BUDGET", "2025-05-01", None, _194, ((None, "1000"),)),
)  # fmt: skip
BENEFITS = (
    (
        "DISABLED_1",
        "I guruh nogironligi boʻlgan shaxs",
        "50",
        "namunaviy yozuv; hujjat bilan tasdiqlanadi",
    ),
)

#: code, value, source of the operating parameters; a later row of the office replaces one from its own day
PARAMETERS = (
    ("metering.closing_from_day", "10", "our default; to be confirmed by the customer"),
    ("metering.estimation_hours_per_day", "8", "reference case M14; resolution no. 319 of 2024 not read"),
    ("metering.high_times", "4", "our default"),
    ("billing.due_day", "10", "Cabinet of Ministers resolution no. 22 of 2018-01-12, cl. 113 (replaced 2024)"),
    ("payments.payme_timeout_ms", "43200000", "Payme Merchant API, time-out of a transaction"),
    ("payments.confirm_above_som", "5000000", "our default: asks the cashier to look twice"),
    ("portal.code_minutes", "5", "OWASP ASVS 5.0, 6.5.5"),
    ("portal.code_attempts", "5", "OWASP ASVS 5.0, 6.6"),
)


def upgrade() -> None:
    """Go forward."""
    bind = op.get_bind()
    _divisions(bind)
    for code, name, unit, quantum in RESOURCES:
        _insert(bind, "resource", code=code, name=name, unit=unit, quantum_milli=quantum)
    for code, name, kind in GROUPS:
        group = _insert(bind, "tariff_group", code=code, name=name, consumer_kind=kind)
        resource = bind.scalar(sa.text("SELECT id FROM resource WHERE code = 'ELECTRICITY'"))
        _insert(
            bind,
            "tariff",
            resource_id=resource,
            tariff_group_id=group,
            name=f"Elektr energiyasi: {name}",
        )
    for tariff in TARIFFS:
        _version(bind, *tariff)
    _insert(
        bind,
        "vat_rate",
        valid_from="2019-10-01",
        percent="15",
        source="2019-yil 1-oktabrdan QQS 15 foiz",
    )
    _insert(
        bind,
        "vat_rate",
        valid_from="2023-01-01",
        percent="12",
        source="Soliq kodeksi, 2023-yil 1-yanvardan QQS 12 foiz",
    )
    for code, value, source in PARAMETERS:
        _insert(bind, "operating_parameter", code=code, value=value, source=source, valid_from="2000-01-01")
    for code, name, percent, source in BENEFITS:
        _insert(bind, "benefit", code=code, name=name, percent=percent, source=source)


def downgrade() -> None:
    """Go back: what people built on these rows stays, so they stay too."""


def _divisions(bind: sa.Connection) -> None:
    code, name, cyrillic, russian = REPUBLIC
    names = {"name": name, "name_uz_cyrl": cyrillic, "name_ru": russian}
    root = _insert(bind, "division", level="REPUBLIC", code=code, path=f"{code}/", **names)
    for code, name, cyrillic, russian in REGIONS:
        names = {"name": name, "name_uz_cyrl": cyrillic, "name_ru": russian}
        _insert(
            bind,
            "division",
            parent_id=root,
            level="REGION",
            code=code,
            path=f"17/{code}/",
            **names,
        )


def _version(
    bind: sa.Connection,
    group: str,
    valid_from: str,
    valid_to: str | None,
    source: str,
    blocks: tuple,
) -> None:
    tariff = bind.scalar(
        sa.text("SELECT t.id FROM tariff t JOIN tariff_group g ON g.id = t.tariff_group_id WHERE g.code = :group"),
        {"group": group},
    )
    version = _insert(
        bind,
        "tariff_version",
        tariff_id=tariff,
        valid_from=valid_from,
        valid_to=valid_to,
        source=source,
    )
    for number, (upper, rate) in enumerate(blocks, 1):
        upper_milli = None if upper is None else upper * 1000
        _insert(
            bind,
            "tariff_block",
            version_id=version,
            block_no=number,
            upper_milli=upper_milli,
            rate=rate,
        )


def _insert(bind: sa.Connection, table: str, **values: object) -> int:
    columns = ", ".join(values)
    places = ", ".join(f":{column}" for column in values)
    return int(
        bind.scalar(
            sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places}) RETURNING id"),
            values,
        )
    )
