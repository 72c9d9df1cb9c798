"""Names of dictionaries in the languages of readers; the language of a user."""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

phase = "EXPAND"

_TABLES = ("resource", "tariff_group", "tariff", "benefit")
#: What every installation starts with: code, Cyrillic Uzbek and Russian.
_NAMES = {
    "resource": (
        ("ELECTRICITY", "Электр энергияси", "Электроэнергия"),
        ("GAS", "Табиий газ", "Природный газ"),
        ("HEAT", "Иссиқлик энергияси", "Тепловая энергия"),
        ("WATER", "Сув", "Вода"),
    ),
    "tariff_group": (
        ("HOUSEHOLD", "Аҳоли", "Население"),
        ("HOUSEHOLD_STOVE", "Аҳоли, электр плитали уйлар", "Население, дома с электроплитами"),
        ("LEGAL", "Юридик истеъмолчилар", "Юридические потребители"),
        ("LEGAL_BUDGET", "Бюджет ташкилотлари ва йирик саноат", "Бюджетные организации и крупная промышленность"),
    ),
    "benefit": (("DISABLED_1", "I гуруҳ ногиронлиги бўлган шахс", "Лицо с инвалидностью I группы"),),
}


def upgrade() -> None:
    """Go forward."""
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN name_uz_cyrl varchar(200), ADD COLUMN name_ru varchar(200)")
    # Nothing was printed yet with the names of a new base: it has no history, and may become an autonomous division's.
    is_new = op.get_bind().scalar(sa.text("SELECT NOT EXISTS (SELECT FROM account)"))
    if is_new:
        _keep_history("DISABLE")
    for table, names in _NAMES.items():
        for code, cyrillic, russian in names:
            op.execute(f"UPDATE {table} SET name_uz_cyrl = '{cyrillic}', name_ru = '{russian}' WHERE code = '{code}' AND name_ru IS NULL")
    op.execute(
        "UPDATE tariff t SET name_uz_cyrl = r.name_uz_cyrl || ': ' || g.name_uz_cyrl, name_ru = r.name_ru || ': ' || g.name_ru "
        "FROM resource r, tariff_group g WHERE r.id = t.resource_id AND g.id = t.tariff_group_id AND t.name = r.name || ': ' || g.name"
    )
    if is_new:
        # What was put off to the end of the transaction is done now: until then no trigger can be changed.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute("SET CONSTRAINTS ALL DEFERRED")
        _keep_history("ENABLE ALWAYS")
    op.execute("ALTER TABLE user_session ADD COLUMN language varchar(8)")


def _keep_history(state: str) -> None:
    for table in ("resource", "tariff", "benefit"):
        op.execute(f"ALTER TABLE {table} {state} TRIGGER {table}_version")


def downgrade() -> None:
    """Go back."""
    op.execute("ALTER TABLE user_session DROP COLUMN language")
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN name_uz_cyrl, DROP COLUMN name_ru")
