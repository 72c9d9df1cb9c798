"""Tables: columns, constraints and how rows are named; no rules, no queries.

Money columns end ``_tiyin``, quantities ``_milli``; periods are ``valid_from`` (included) to ``valid_to`` (excluded, empty:
no end). Every table with personal or money data carries ``division_id``: row-level security goes by it.
"""
