"""What papers show, as it was recorded when they were made: SQL of rows as of a moment.

A document's moment is its ``created_at``. What was changed later, whoever changed it, does not change the paper
(``as_of``, ``rows_as_of`` and ``row_version`` of the schema).
"""

from app.queries.names import named

#: Tables whose earlier versions are kept.
TABLES = frozenset(
    "account bank benefit consumer contract contract_account device division mahalla meter_installation payment_contract register "
    "resource service_point street supply tariff tariff_block tariff_version".split()
)


def row(table: str, alias: str, on: str, moment: str, *, kind: str = "JOIN") -> str:
    """Return the SQL that joins a row as it was recorded at a moment.

    :param on: the condition of the row as it is now, under the name ``<alias>_now``
    """
    assert table in TABLES
    outer = "LEFT JOIN LATERAL" if kind.startswith("LEFT") else "JOIN LATERAL"
    return f"{kind} {table} {alias}_now ON {on} {outer} as_of({alias}_now, {alias}_now.id, {moment}) {alias} ON true"


def rows(table: str, key: str, value: str, moment: str) -> str:
    """Return the SQL of the rows that had a key at a moment, as they were then."""
    assert table in TABLES
    return f"rows_as_of(NULL::{table}, '{key}', {value}, {moment})"


def addressee(document: str, day: str, moment: str = "") -> str:
    """Return the SQL that joins whom a document is for: account ``a``, consumer ``c``, division ``d``, place ``sp``, ``st``, ``r``.

    :param day: the place is the one that was supplied last before this day
    :param moment: empty: when the document was recorded
    """
    moment = moment or f"{document}.created_at"
    supplies = rows("supply", "account_id", f"{document}.account_id", moment)
    return f"""
    {row("account", "a", f"a_now.id = {document}.account_id", moment)}
    {row("consumer", "c", "c_now.id = a.consumer_id", moment)}
    {row("division", "d", f"d_now.id = {document}.division_id", moment)}
    LEFT JOIN LATERAL (
        SELECT * FROM {supplies} WHERE valid_from < {day} ORDER BY valid_from DESC, id DESC LIMIT 1
    ) s ON true
    {row("service_point", "sp", "sp_now.id = s.service_point_id", moment, kind="LEFT JOIN")}
    {row("street", "st", "st_now.id = sp.street_id", moment, kind="LEFT JOIN")}
    {row("resource", "r", "r_now.id = sp.resource_id", moment, kind="LEFT JOIN")}
"""


def consumers_name(alias: str) -> str:
    """Return the SQL of a row's name in the language of the consumer ``c``."""
    return named(alias, "c.language")


def region(moment: str) -> str:
    """Return the SQL that joins the division above ``d``, ``region``, and the mahalla of the street ``st``, ``m``: see ``addressee``."""
    return f"""
    {row("division", "region", "region_now.id = d.parent_id AND region_now.parent_id IS NOT NULL", moment, kind="LEFT JOIN")}
    {row("mahalla", "m", "m_now.id = st.mahalla_id", moment, kind="LEFT JOIN")}
"""


#: Everything a stranger needs to find a place: region, district, mahalla, street, house and flat.
FULL_ADDRESS = (
    f"concat_ws(', ', {consumers_name('region')}, {consumers_name('d')}, m.name, st.name, sp.house || coalesce('-' || sp.flat, ''))"
)
ADDRESS = "concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, ''))"


def seller(document: str) -> str:
    """Return the SQL that joins the company a document is from, ``seller`` with its bank ``seller_bank``: see ``addressee`` for ``d``."""
    moment = f"{document}.created_at"
    return f"""
    LEFT JOIN LATERAL (
        SELECT top.* FROM division top_now CROSS JOIN LATERAL as_of(top_now, top_now.id, {moment}) top
        WHERE (starts_with(d.path, top_now.path) OR top_now.id IN (
                  SELECT row_id FROM row_version WHERE table_name = 'division' AND superseded_at > {moment}))
          AND starts_with(d.path, top.path) AND top.stir IS NOT NULL ORDER BY length(top.path) DESC LIMIT 1
    ) seller ON true
    LEFT JOIN LATERAL (
        SELECT bank.name FROM bank bank_now CROSS JOIN LATERAL as_of(bank_now, bank_now.id, {moment}) bank
        WHERE (bank_now.mfo = seller.mfo OR bank_now.id IN (
                  SELECT row_id FROM row_version WHERE table_name = 'bank' AND superseded_at > {moment}))
          AND bank.mfo = seller.mfo LIMIT 1
    ) seller_bank ON true
"""


def contract(document: str, day: str, moment: str = "") -> str:
    """Return the SQL that joins the contract ``k`` of a document's account: the newest that began before a day."""
    moment = moment or f"{document}.created_at"
    links = rows("contract_account", "account_id", f"{document}.account_id", moment)
    return f"""
    LEFT JOIN LATERAL (
        SELECT of_link.number, of_link.signed_on FROM {links} link
        {row("contract", "of_link", "of_link_now.id = link.contract_id", moment)}
        WHERE NOT link.is_draft AND link.valid_from < {day} ORDER BY link.valid_from DESC, link.id DESC LIMIT 1
    ) k ON true
"""
