"""Accounts by what people type: numbers and their ends, telephones, meters, words of names and addresses in any order and script."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, column, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import TextualSelect

from app.domain.accounts.search import AccountSearch, matches, parse
from app.queries.records import fetch_all

#: A house and a flat as they are compared; most are digits, which need no folding.
_FOLDED = r"""regexp_replace(CASE WHEN concat(sp.house, sp.flat) ~ '^[0-9]*$' THEN concat_ws(' ', sp.house, sp.flat)
                               ELSE folded(concat_ws(' ', sp.house, sp.flat)) END, '([0-9]) ([a-z])(?= |$)', '\1\2', 'g')"""
#: The house and the flat of a place begin with what was typed of them: 12 finds 12, 12-1 and 12/3, not 120 and 12a.
_AT_HOUSE = f"""(r.house IS NULL OR starts_with(sp.house, substring(r.house FROM '^[0-9]+'))
                 AND starts_with({_FOLDED} || ' ', r.house || ' '))"""
_BY_DIGITS = """
    SELECT accounts_numbered(:digits) AS id
    UNION SELECT a.id FROM consumers_phoned(:phone) f JOIN account a ON a.consumer_id = f WHERE :phone <> ''
    UNION SELECT a.id FROM consumer c JOIN account a ON a.consumer_id = c.id
          WHERE c.stir = :digits AND (:personal OR :digits ~ '^[23]') OR c.pinfl = :digits AND :personal
    UNION SELECT s.account_id FROM devices_numbered(:serial) f JOIN meter_installation i ON i.meter_id = f
          JOIN supply s ON s.service_point_id = i.service_point_id WHERE :serial <> ''
    LIMIT :most
"""
#: Streets that some words name, by the index of each word; then what of the words neither they nor their mahalla nor their district
#: explains: the rest, which is of the house and of the consumer.
_PLACES = """
    asked AS MATERIALIZED (
        SELECT CAST(word AS tsquery) AS word, number, place
        FROM unnest(CAST(:words AS text[]), CAST(:numbers AS text[])) WITH ORDINALITY a (word, number, place)
    ), named_street AS MATERIALIZED (
        SELECT f AS id, a.place, a.number = '' AS is_word FROM asked a CROSS JOIN LATERAL streets_named(a.word) f
    ), place AS MATERIALIZED (
        SELECT st.id, st.division_id FROM street st WHERE st.id IN (SELECT id FROM named_street WHERE is_word)
    ), district AS MATERIALIZED (
        SELECT d.id, folded_words(d.name) AS words FROM division d WHERE d.id IN (SELECT division_id FROM place)
    ), named_district AS MATERIALIZED (
        SELECT d.id, a.place FROM district d JOIN asked a ON d.words @@ a.word
    ), rest AS MATERIALIZED (
        SELECT p.id, string_agg(CAST(a.word AS text), ' & ') FILTER (WHERE a.number = '') AS name,
               string_agg(a.number, ' ' ORDER BY a.place) FILTER (WHERE a.number <> '') AS house
        FROM place p LEFT JOIN (
            asked a CROSS JOIN place q LEFT JOIN named_street s ON s.id = q.id AND s.place = a.place
            LEFT JOIN named_district d ON d.id = q.division_id AND d.place = a.place
        ) ON q.id = p.id AND s.place IS NULL AND d.place IS NULL
        GROUP BY p.id
    )
"""
#: An account is found by its consumer alone, its address alone or its meter; if there is none, by consumer and address together. A function
#: among the columns is read as far as it is wanted, one in FROM to its end. Of people and streets together nothing is known of how many
#: either are: what people have is read by whole arrays of keys, each index once, and compared in memory (``IS TRUE`` makes it so).
_BY_WORDS = f"""
    WITH {_PLACES}, alone AS MATERIALIZED (
        (SELECT a.id FROM (SELECT consumers_named(CAST(:all_words AS tsquery)) AS id) f JOIN account a ON a.consumer_id = f.id LIMIT :most)
        UNION (SELECT s.account_id FROM rest r JOIN service_point sp ON sp.street_id = r.id JOIN supply s ON s.service_point_id = sp.id
               WHERE r.name IS NULL AND {_AT_HOUSE} LIMIT :most)
        UNION (SELECT s.account_id FROM devices_numbered(:serial) f JOIN meter_installation i ON i.meter_id = f
               JOIN supply s ON s.service_point_id = i.service_point_id WHERE :serial <> '' LIMIT :most)
    ), lived AS MATERIALIZED (
        SELECT h.account_id AS id
        FROM (SELECT DISTINCT name, house FROM rest WHERE name IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alone)) r CROSS JOIN LATERAL (
            WITH held AS MATERIALIZED (
                SELECT account_id, service_point_id FROM supply WHERE account_id = ANY (ARRAY(
                    SELECT id FROM account WHERE consumer_id = ANY (ARRAY(SELECT consumers_named(CAST(r.name AS tsquery))))
                ))
            )
            SELECT account_id FROM held WHERE (service_point_id IN (
                SELECT sp.id FROM service_point sp WHERE sp.id = ANY (ARRAY(SELECT service_point_id FROM held))
                AND (sp.street_id IN (SELECT o.id FROM rest o WHERE o.name = r.name AND o.house IS NOT DISTINCT FROM r.house)) IS TRUE
                AND {_AT_HOUSE}
            )) IS TRUE
        ) h
    )
    (SELECT id FROM alone UNION SELECT id FROM lived) LIMIT :most
"""
#: More accounts are not counted, nor shown: whoever searches types more.
MOST = 10_000
#: Accounts on a page of what was found.
PAGE = 50


class Hit(NamedTuple):
    """An account that was found, and how many there are in all; one more than ``MOST`` means that there are more."""

    total: int
    id: int
    number: str
    consumer_id: int
    consumer_name: str
    address: str
    mahalla: str | None
    division: str
    debt_tiyin: int
    advance_tiyin: int


_FOUND = """
    WITH found AS MATERIALIZED (SELECT a.id, a.number FROM account a WHERE a.id IN ({ids})),
    page AS (SELECT id, number FROM found ORDER BY number = :whole DESC, number LIMIT :limit OFFSET :skipped)
    SELECT (SELECT count(*) FROM found) AS total, a.id, a.number, c.id AS consumer_id, c.name AS consumer_name,
           coalesce(concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')), '') AS address, m.name AS mahalla,
           d.name AS division, coalesce(p.debt_tiyin, 0) AS debt_tiyin, coalesce(p.advance_tiyin, 0) AS advance_tiyin
    FROM page
    JOIN account a ON a.id = page.id
    JOIN consumer c ON c.id = a.consumer_id
    JOIN division d ON d.id = a.division_id
    LEFT JOIN LATERAL (SELECT * FROM supply s WHERE s.account_id = a.id ORDER BY s.valid_from DESC LIMIT 1) s ON true
    LEFT JOIN service_point sp ON sp.id = s.service_point_id
    LEFT JOIN street st ON st.id = sp.street_id
    LEFT JOIN mahalla m ON m.id = st.mahalla_id
    LEFT JOIN account_position p ON p.account_id = a.id
    ORDER BY page.number = :whole DESC, page.number
"""


def search(session: Session, typed: str, *, personal: bool, limit: int = PAGE, skipped: int = 0) -> list[Hit]:
    """Return accounts by what was typed, the number typed in full first, then by their numbers.

    :param personal: also by the end of a telephone, JSHSHIR and a person's STIR; else by a telephone typed in full alone
    """
    statement, given = _asked(typed, personal=personal, most=MOST + 1)
    return fetch_all(session, _FOUND.format(ids=statement), Hit, **given, whole=given.get("digits", ""), limit=limit, skipped=skipped)


def account_ids(typed: str, *, personal: bool, most: int) -> TextualSelect:
    """Return the query of the accounts that what was typed finds, for a condition: ``Bill.account_id.in_(account_ids(…))``.

    :param personal: as in ``search``
    :param most: no more than these
    """
    statement, given = _asked(typed, personal=personal, most=most)
    return text(statement).bindparams(**given).columns(column("id", BigInteger))


def _asked(typed: str, *, personal: bool, most: int) -> tuple[str, dict[str, Any]]:
    """Return the statement that finds what was typed, and its values."""
    asked = parse(typed)
    if asked.digits:
        return _BY_DIGITS, {
            "digits": asked.digits,
            "phone": asked.phone_for(personal=personal),
            "serial": asked.serial,
            "personal": personal,
            "most": most,
        }
    return _BY_WORDS, _words(asked) | {"all_words": matches(asked.words), "serial": asked.serial, "most": most}


def _words(asked: AccountSearch) -> dict[str, Any]:
    """Return the values of the words that may be of an address; a number alone names no street."""
    return {
        "words": [word.asked for word in asked.words],
        "numbers": [word.number for word in asked.words],
    }


class PickerRow(NamedTuple):
    """A row that a picker offers, and what tells it from rows of the same name."""

    id: int
    text: str
    more: str


_OFFERS = {
    "consumer": """
        SELECT c.id, c.name AS text, concat_ws(' · ', a.number, d.name) AS more FROM consumer c JOIN division d ON d.id = c.division_id
        LEFT JOIN LATERAL (SELECT min(number) AS number FROM account WHERE consumer_id = c.id) a ON true
        WHERE c.joined_to_id IS NULL AND (:typed = '' OR c.id IN (
            SELECT consumers_named(CAST(:all_words AS tsquery)) UNION SELECT consumers_phoned(:phone) WHERE :phone <> ''
            UNION SELECT consumer_id FROM account WHERE number = :typed
        )) ORDER BY c.id LIMIT :limit
        """,
    "mahalla": """
        SELECT m.id, m.name AS text, d.name AS more FROM mahalla m JOIN division d ON d.id = m.division_id
        WHERE (m.retired_on IS NULL OR m.retired_on > :today)
          AND (:typed = '' OR folded_words(m.name) || folded_words(d.name) @@ CAST(:all_words AS tsquery))
        ORDER BY m.name, m.id LIMIT :limit
        """,
    "street": """
        SELECT st.id, st.name AS text, concat_ws(', ', m.name, d.name) AS more
        FROM street st JOIN division d ON d.id = st.division_id LEFT JOIN mahalla m ON m.id = st.mahalla_id
        WHERE (st.retired_on IS NULL OR st.retired_on > :today)
          AND (:typed = '' OR st.id IN (SELECT streets_named(CAST(:some_word AS tsquery)))
          AND folded_words(st.name) || coalesce(folded_words(m.name), '') || folded_words(d.name) @@ CAST(:all_words AS tsquery))
        ORDER BY st.name, st.id LIMIT :limit
        """,
    "device": """
        SELECT e.id, concat_ws(' ', k.name, e.serial_number) AS text,
               concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, ''), d.name) AS more
        FROM device e JOIN device_model k ON k.id = e.model_id JOIN division d ON d.id = e.division_id
        LEFT JOIN LATERAL (SELECT * FROM meter_installation i WHERE i.meter_id = e.id ORDER BY i.valid_from DESC LIMIT 1) i ON true
        LEFT JOIN service_point sp ON sp.id = i.service_point_id LEFT JOIN street st ON st.id = sp.street_id
        WHERE :typed = '' OR e.id IN (SELECT devices_numbered(:part)) ORDER BY e.id LIMIT :limit
        """,
    "register": """
        SELECT r.id, concat_ws(' ', k.name, e.serial_number, r.code) AS text, d.name AS more
        FROM register r JOIN device e ON e.id = r.meter_id JOIN device_model k ON k.id = e.model_id JOIN division d ON d.id = e.division_id
        WHERE :typed = '' OR e.id IN (SELECT devices_numbered(:part)) ORDER BY r.id LIMIT :limit
        """,
    "service_point": f"""
        WITH {_PLACES}
        SELECT sp.id, concat_ws(', ', st.name, sp.house || coalesce('-' || sp.flat, '')) AS text, concat_ws(', ', m.name, d.name) AS more
        FROM service_point sp JOIN street st ON st.id = sp.street_id JOIN division d ON d.id = st.division_id
        LEFT JOIN mahalla m ON m.id = st.mahalla_id
        WHERE :typed = '' OR sp.id IN (
            SELECT sp.id FROM rest r JOIN service_point sp ON sp.street_id = r.id WHERE r.name IS NULL AND {_AT_HOUSE}
        ) ORDER BY sp.id LIMIT :limit
        """,
}
#: Tables whose rows are offered with a second line.
OFFERED = frozenset({"account", *_OFFERS})


def offers(session: Session, table: str, typed: str, *, personal: bool, today: date, limit: int) -> list[PickerRow]:
    """Return the rows of a table that a picker offers for what was typed; all of them for nothing typed.

    :param personal: as in ``search``
    """
    if table == "account":
        hits = search(session, typed, personal=personal, limit=limit) if typed else []
        return [PickerRow(hit.id, hit.number, " · ".join(filter(None, [hit.consumer_name, hit.address, hit.division]))) for hit in hits]
    asked = parse(typed)
    given = _words(asked) | {
        "typed": typed.strip(),
        "all_words": matches(asked.words),
        "some_word": matches(tuple(word for word in asked.words if not word.number) or asked.words, " | "),
        "phone": asked.phone_for(personal=personal),
        "part": asked.part,
        "today": today,
        "limit": limit,
    }
    return fetch_all(session, _OFFERS[table], PickerRow, **given)
