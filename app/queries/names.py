"""Names of divisions and of dictionaries in a language, as SQL; what people call rows by."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.queries.records import fetch_all


def named(alias: str, language: str) -> str:
    """Return the SQL of a row's name in a language; where it has none there, the Uzbek one.

    :param language: SQL of the code of the language
    """
    return f"coalesce(CASE {language} WHEN 'ru' THEN {alias}.name_ru WHEN 'uz_Cyrl' THEN {alias}.name_uz_cyrl END, {alias}.name)"


def shown(alias: str) -> str:
    """Return the SQL of a row's name in the language of the reader, which every transaction of a page knows."""
    return named(alias, "current_setting('app.language', true)")


def full_name(alias: str) -> str:
    """Return the SQL of what people call a user: his full name; where none is known, the name he logs in with."""
    return f"coalesce(nullif(btrim(concat_ws(' ', {alias}.first_name, {alias}.last_name)), ''), {alias}.username)"


class _RowName(NamedTuple):
    id: int
    name: str


_OF_ACCOUNT = "SELECT r.id, a.number AS name FROM {} r JOIN account a ON a.id = r.account_id WHERE r.id = ANY(:ids)"
_OF_USER = "SELECT r.id, u.username AS name FROM {} r JOIN ab_user u ON u.id = r.user_id WHERE r.id = ANY(:ids)"
#: Table → what people call its rows by.
_ROW_NAMES: Mapping[str, str] = {
    "account": "SELECT id, number AS name FROM account WHERE id = ANY(:ids)",
    "bill_exception": _OF_ACCOUNT.format("bill_exception"),
    "bill_hold": _OF_ACCOUNT.format("bill_hold"),
    "division": f"SELECT d.id, {shown('d')} AS name FROM division d WHERE d.id = ANY(:ids)",
    "totp_device": _OF_USER.format("totp_device"),
    "user_session": _OF_USER.format("user_session"),
}


def row_names(session: Session, table: str, ids: Sequence[int]) -> dict[int, str]:
    """Return what people call rows of a table by: of what belongs to an account its number, to a user his name."""
    statement = _ROW_NAMES[table]
    return dict(fetch_all(session, statement, _RowName, ids=list(ids)))
