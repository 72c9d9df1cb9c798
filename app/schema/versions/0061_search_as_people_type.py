"""Search as people type: the form in which words are compared, and indexes of names, numbers and telephones made of it.

``folded`` is what ``app.domain.transliteration.fold`` does. Row-level security lets no query of the web use an index of words, as comparing words
could tell of foreign rows; so each index has a function that looks into it and answers with rows of the divisions of the session alone.
"""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

phase = "EXPAND"

_LETTERS = (
    "аАәӘбБвВгГғҒдДеЕэЭжЖҗҖҷҶзЗиИыЫіІıIйЙкКқҚqQлЛмМнНңҢоОуУўЎөӨүҮұҰuUwWпПрРсСтТфФхХҳҲһҺxXşŞçÇàÀáÁâÂãÃäÄåÅèÈéÉêÊëËìÌ"
    "íÍîÎïÏñÑòÒóÓôÔõÕöÖùÙúÚûÛüÜýÝÿŸāĀăĂąĄćĆĉĈċĊčČďĎēĒĕĔėĖęĘěĚĝĜğĞġĠģĢĥĤĩĨīĪĭĬįĮĵĴķĶĺĹļĻľĽńŃņŅňŇōŌŏŎőŐŕŔŗŖřŘśŚŝŜšŠţŢ"
    "ťŤũŨūŪŭŬůŮűŰųŲŵŴŷŶźŹżŻžŽǵǴḡḠABCDEFGHJKLMNOPRSTVYZШЩЧЦЁЮЯ"
)
_FOLDED = (
    "aaaabbvvggggddeeeejjjjjjzziiiiiiiiyykkkkkkllmmnnnnoooooooooooooooopprrssttffhhhhhhhhшшччaaaaaaaaaaaaeeeeeeeeii"
    "iiiiiinnooooooooooooooooooyyyyaaaaaaccccccccddeeeeeeeeeegggggggghhiiiiiiiijjkkllllllnnnnnnoooooorrrrrrsssssstt"
    "ttooooooooooooooyyzzzzzzggggabcdefghjklmnoprstvyzшщчцёюя"
)
_DROPPED = "''`´ʹʻʼʽˈˊˋ‘’‛′＇ъЪьЬ"
_SEVERAL = (("ш", "sh"), ("щ", "sh"), ("ч", "ch"), ("ц", "ts"), ("ё", "yo"), ("ю", "yo"), ("я", "ya"))
_JOINED = (("shch", "sh"), ("ye", "e"), ("iy", "i"), ("kh", "h"), ("gh", "g"), ("zh", "j"), ("dj", "j"))
_FUNCTIONS = """
CREATE FUNCTION folded(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace({replaced}, '[^a-z0-9]+', ' ', 'g'))
$$;

CREATE FUNCTION folded_words(written text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_to_tsvector(string_to_array(public.folded(written), ' '))
$$;

CREATE FUNCTION consumers_named(asked tsquery) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM consumer WHERE folded_words(name) @@ asked AND division_id IN (SELECT unnest(app_divisions()))
$$;

CREATE FUNCTION consumers_phoned(ending text) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM consumer WHERE reverse(phone) ~>=~ reverse(ending) AND reverse(phone) ~<~ (reverse(ending) || ':')
        AND division_id IN (SELECT unnest(app_divisions()))
$$;

CREATE FUNCTION streets_named(asked tsquery) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM street WHERE folded_words(name) @@ asked AND division_id IN (SELECT unnest(app_divisions()))
    UNION
    SELECT s.id FROM mahalla m JOIN street s ON s.mahalla_id = m.id
    WHERE folded_words(m.name) @@ asked AND s.division_id IN (SELECT unnest(app_divisions()))
$$;

CREATE FUNCTION meters_numbered(part text) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM meter WHERE meter_serial(serial_number) LIKE '%' || part || '%' AND division_id IN (SELECT unnest(app_divisions()))
$$;

CREATE FUNCTION accounts_numbered(part text) RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM account WHERE number >= part AND number < part || ':' AND division_id IN (SELECT unnest(app_divisions()))
    UNION
    SELECT id FROM account WHERE reverse(number) >= reverse(part) AND reverse(number) < reverse(part) || ':'
        AND division_id IN (SELECT unnest(app_divisions()))
$$;
"""
_LOOKS = (
    "consumers_named(tsquery)",
    "consumers_phoned(text)",
    "streets_named(tsquery)",
    "meters_numbered(text)",
    "accounts_numbered(text)",
)
_INDEXES = {
    "consumer_words_idx": "consumer USING gin (folded_words(name))",
    "consumer_phone_end_idx": "consumer (reverse(phone) text_pattern_ops)",
    "street_words_idx": "street USING gin (folded_words(name))",
    "street_mahalla_id_idx": "street (mahalla_id)",
    "mahalla_words_idx": "mahalla USING gin (folded_words(name))",
    "meter_serial_part_idx": "meter USING gin (meter_serial(serial_number) gin_trgm_ops)",
    "account_number_end_idx": "account (reverse(number))",
    "supply_service_point_id_idx": "supply (service_point_id)",
}


def upgrade() -> None:
    """Go forward; indexes of a large base are made meanwhile, so nobody writes."""
    replaced = f"translate(normalize(written, NFC), '{_LETTERS}{_DROPPED}', '{_FOLDED}')"
    for several, letters in (*_SEVERAL, *_JOINED):
        replaced = f"replace({replaced}, '{several}', '{letters}')"
    op.execute("SET LOCAL statement_timeout = 0")
    op.get_bind().exec_driver_sql(_FUNCTIONS.format(replaced=replaced).replace("%", "%%"))
    for function in _LOOKS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO pcb_web, pcb_worker")
    for name, columns in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {columns}")


def downgrade() -> None:
    """Go back."""
    for name in reversed(_INDEXES):
        op.execute(f"DROP INDEX {name}")
    for function in reversed(_LOOKS):
        op.execute(f"DROP FUNCTION {function}")
    op.execute("DROP FUNCTION folded_words(text)")
    op.execute("DROP FUNCTION folded(text)")
