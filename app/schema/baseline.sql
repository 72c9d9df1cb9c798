-- The schema as of revision 0055: what an empty database begins with, as the schema's owner.
-- Made by pg_dump from a base that went through all revisions; tests/cli/test_baseline.py compares it with one that goes on from 0049.
-- Never edited: what changes is a revision.

SET LOCAL check_function_bodies = off;

CREATE SCHEMA archive;

CREATE SCHEMA monthly;

CREATE SCHEMA report;

CREATE FUNCTION public.absent_users(who bigint, day date) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT absent.user_id::bigint
    FROM substitution s
    JOIN staff_member absent ON absent.id = s.absent_id
    JOIN staff_member substitute ON substitute.id = s.substitute_id
    WHERE substitute.user_id = who AND absent.user_id IS NOT NULL AND s.valid_from <= day AND s.valid_to > day
      AND absent.valid_from <= day AND coalesce(absent.valid_to > day, true)
      AND substitute.valid_from <= day AND coalesce(substitute.valid_to > day, true)
$$;

CREATE FUNCTION public.access_on(which bigint, day date) RETURNS TABLE(user_id bigint, username text, name text, division text, valid_from date, valid_to date, basis text, instead_of text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    WITH grants AS (
        SELECT a.user_id, top.name AS division, a.valid_from, a.valid_to, a.basis
        FROM division_access a JOIN division top ON top.id = a.division_id
        JOIN division d ON d.id = which AND starts_with(d.path, top.path)
        WHERE which = ANY (app_divisions()) AND a.valid_from <= day AND (a.valid_to IS NULL OR a.valid_to > day)
    )
    SELECT u.id, u.username, u.first_name || ' ' || u.last_name, g.division, g.valid_from, g.valid_to, g.basis, NULL
    FROM grants g JOIN ab_user u ON u.id = g.user_id WHERE u.active
    UNION ALL
    SELECT u.id, u.username, u.first_name || ' ' || u.last_name, g.division, s.valid_from, s.valid_to, s.basis, absent.name
    FROM grants g JOIN staff_member absent ON absent.user_id = g.user_id
    JOIN substitution s ON s.absent_id = absent.id AND s.valid_from <= day AND s.valid_to > day
    JOIN staff_member substitute ON substitute.id = s.substitute_id JOIN ab_user u ON u.id = substitute.user_id
    WHERE u.active AND day >= absent.valid_from AND coalesce(day < absent.valid_to, true)
      AND day >= substitute.valid_from AND coalesce(day < substitute.valid_to, true)
$$;

CREATE FUNCTION public.app_divisions() RETURNS bigint[]
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.divisions', true), '')::bigint[] $$;

CREATE FUNCTION public.as_of(present anyelement, key bigint, moment timestamp with time zone) RETURNS anyelement
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE WHEN v.contents IS NULL THEN present ELSE jsonb_populate_record(present, v.contents) END
    FROM (SELECT 1) one LEFT JOIN LATERAL (
        SELECT contents FROM row_version
        WHERE table_name = pg_typeof(present)::text AND row_id = key AND superseded_at > moment ORDER BY superseded_at, id LIMIT 1
    ) v ON true
$$;

CREATE FUNCTION public.audit_masked(given jsonb, earlier jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT given || coalesce(jsonb_object_agg(
        name, CASE WHEN earlier IS NULL OR earlier -> name = given -> name THEN '"***"'::jsonb ELSE '"*** changed"'::jsonb END
    ), '{}')
    FROM unnest(audit_secrets()) AS secret(name)
    WHERE given ? name AND given -> name <> 'null'::jsonb
$$;

CREATE FUNCTION public.audit_secrets() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'public', 'pg_temp'
    AS $$ SELECT '{password,secret,totp_secret,otp_secret,recovery_codes,recovery_code,token,token_hash,session_id,password_hash,
            key_hash,lookup_hash,registration_hash,key_sha256,code_sha256,content,text}'::text[] $$;

CREATE TABLE public.reading (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    meter_installation_id bigint NOT NULL,
    register_id bigint NOT NULL,
    read_on date NOT NULL,
    dial_milli bigint NOT NULL,
    kind character varying(24) NOT NULL,
    source character varying(24) NOT NULL,
    replaces_id bigint,
    reading_import_id bigint,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT reading_dial_not_negative CHECK ((dial_milli >= 0)),
    CONSTRAINT reading_kind CHECK (((kind)::text = ANY ((ARRAY['INITIAL'::character varying, 'PERIODIC'::character varying, 'FINAL'::character varying, 'WITHDRAWAL'::character varying])::text[]))),
    CONSTRAINT reading_source CHECK (((source)::text = ANY ((ARRAY['CONTROLLER'::character varying, 'OFFICE'::character varying, 'FILE'::character varying, 'PORTAL'::character varying, 'TELEMETRY'::character varying])::text[])))
);

ALTER TABLE ONLY public.reading FORCE ROW LEVEL SECURITY;

CREATE FUNCTION public.billed_readings(installation bigint, counter bigint) RETURNS SETOF public.reading
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        SELECT r.* FROM reading r
        WHERE (installation IS NULL OR r.meter_installation_id = installation) AND (counter IS NULL OR r.register_id = counter)
          AND (
    EXISTS (SELECT 1 FROM consumption c JOIN bill b ON b.id = c.bill_id AND b.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill x WHERE x.cancels_id = b.id)
            WHERE c.account_id = r.account_id AND r.id IN (c.earlier_reading_id, c.later_reading_id))
 OR 
    (EXISTS (SELECT 1 FROM register g WHERE g.id = r.register_id AND g.code IN ('REACTIVE', 'DEMAND'))
     AND EXISTS (SELECT 1 FROM bill b WHERE b.account_id = r.account_id AND b.quality = 'ACTUAL'
                 AND r.read_on BETWEEN b.period_from AND b.period_to AND b.cancels_id IS NULL AND NOT EXISTS (SELECT 1 FROM bill x WHERE x.cancels_id = b.id)))
)
    $$;

CREATE FUNCTION public.check_references_of_account_balance() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    missing bigint;
BEGIN
    SELECT n.account_id INTO missing FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
    LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "account_balance" violates set-wise reference "account_balance_account_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'account_balance', COLUMN = 'account_id', CONSTRAINT = 'account_balance_account_id_fkey',
                  DETAIL = format('Key (account_id)=(%s) is not present in table "account".', missing);
    END IF;
    PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.division_id INTO missing FROM (SELECT DISTINCT division_id FROM added WHERE division_id IS NOT NULL) n
    LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "account_balance" violates set-wise reference "account_balance_division_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'account_balance', COLUMN = 'division_id', CONSTRAINT = 'account_balance_division_id_fkey',
                  DETAIL = format('Key (division_id)=(%s) is not present in table "division".', missing);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_allocation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.division_id INTO missing FROM (SELECT DISTINCT division_id FROM added WHERE division_id IS NOT NULL) n
    LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "allocation" violates set-wise reference "allocation_division_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'allocation', COLUMN = 'division_id', CONSTRAINT = 'allocation_division_id_fkey',
                  DETAIL = format('Key (division_id)=(%s) is not present in table "division".', missing);
    END IF;
    SELECT n.account_id INTO missing FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
    LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "allocation" violates set-wise reference "allocation_account_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'allocation', COLUMN = 'account_id', CONSTRAINT = 'allocation_account_id_fkey',
                  DETAIL = format('Key (account_id)=(%s) is not present in table "account".', missing);
    END IF;
    SELECT n.bill_id INTO missing FROM (SELECT DISTINCT bill_id, bill_month FROM added WHERE bill_id IS NOT NULL) n
    LEFT JOIN bill p ON p.id = n.bill_id AND p.billing_month = n.bill_month WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "allocation" violates set-wise reference "allocation_bill_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'allocation', COLUMN = 'bill_id', CONSTRAINT = 'allocation_bill_id_fkey',
                  DETAIL = format('Key (bill_id)=(%s) is not present in table "bill".', missing);
    END IF;
    SELECT n.payment_id INTO missing FROM (SELECT DISTINCT payment_id FROM added WHERE payment_id IS NOT NULL) n
    LEFT JOIN payment p ON p.id = n.payment_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "allocation" violates set-wise reference "allocation_payment_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'allocation', COLUMN = 'payment_id', CONSTRAINT = 'allocation_payment_id_fkey',
                  DETAIL = format('Key (payment_id)=(%s) is not present in table "payment".', missing);
    END IF;
    SELECT n.adjustment_id INTO missing FROM (SELECT DISTINCT adjustment_id FROM added WHERE adjustment_id IS NOT NULL) n
    LEFT JOIN adjustment p ON p.id = n.adjustment_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "allocation" violates set-wise reference "allocation_adjustment_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'allocation', COLUMN = 'adjustment_id', CONSTRAINT = 'allocation_adjustment_id_fkey',
                  DETAIL = format('Key (adjustment_id)=(%s) is not present in table "adjustment".', missing);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_bill() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.division_id INTO missing FROM (SELECT DISTINCT division_id FROM added WHERE division_id IS NOT NULL) n
    LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill" violates set-wise reference "bill_division_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill', COLUMN = 'division_id', CONSTRAINT = 'bill_division_id_fkey',
                  DETAIL = format('Key (division_id)=(%s) is not present in table "division".', missing);
    END IF;
    SELECT n.account_id INTO missing FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
    LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill" violates set-wise reference "bill_account_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill', COLUMN = 'account_id', CONSTRAINT = 'bill_account_id_fkey',
                  DETAIL = format('Key (account_id)=(%s) is not present in table "account".', missing);
    END IF;
    PERFORM 1 FROM bill_run p WHERE p.id IN (SELECT DISTINCT n.bill_run_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.bill_run_id INTO missing FROM (SELECT DISTINCT bill_run_id FROM added WHERE bill_run_id IS NOT NULL) n
    LEFT JOIN bill_run p ON p.id = n.bill_run_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill" violates set-wise reference "bill_bill_run_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill', COLUMN = 'bill_run_id', CONSTRAINT = 'bill_bill_run_id_fkey',
                  DETAIL = format('Key (bill_run_id)=(%s) is not present in table "bill_run".', missing);
    END IF;
    SELECT n.cancels_id INTO missing FROM (SELECT DISTINCT cancels_id, billing_month FROM added WHERE cancels_id IS NOT NULL) n
    LEFT JOIN bill p ON p.id = n.cancels_id AND p.billing_month = n.billing_month WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill" violates set-wise reference "bill_cancels_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill', COLUMN = 'cancels_id', CONSTRAINT = 'bill_cancels_id_fkey',
                  DETAIL = format('Key (cancels_id)=(%s) is not present in table "bill".', missing);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_bill_line() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    missing bigint;
BEGIN
    SELECT n.bill_id INTO missing FROM (SELECT DISTINCT bill_id, billing_month FROM added WHERE bill_id IS NOT NULL) n
    LEFT JOIN bill p ON p.id = n.bill_id AND p.billing_month = n.billing_month WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill_line" violates set-wise reference "bill_line_bill_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill_line', COLUMN = 'bill_id', CONSTRAINT = 'bill_line_bill_id_fkey',
                  DETAIL = format('Key (bill_id)=(%s) is not present in table "bill".', missing);
    END IF;
    PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.division_id INTO missing FROM (SELECT DISTINCT division_id FROM added WHERE division_id IS NOT NULL) n
    LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill_line" violates set-wise reference "bill_line_division_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill_line', COLUMN = 'division_id', CONSTRAINT = 'bill_line_division_id_fkey',
                  DETAIL = format('Key (division_id)=(%s) is not present in table "division".', missing);
    END IF;
    PERFORM 1 FROM tariff_version p WHERE p.id IN (SELECT DISTINCT n.tariff_version_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.tariff_version_id INTO missing FROM (SELECT DISTINCT tariff_version_id FROM added WHERE tariff_version_id IS NOT NULL) n
    LEFT JOIN tariff_version p ON p.id = n.tariff_version_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill_line" violates set-wise reference "bill_line_tariff_version_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill_line', COLUMN = 'tariff_version_id', CONSTRAINT = 'bill_line_tariff_version_id_fkey',
                  DETAIL = format('Key (tariff_version_id)=(%s) is not present in table "tariff_version".', missing);
    END IF;
    SELECT n.charge_id INTO missing FROM (SELECT DISTINCT charge_id FROM added WHERE charge_id IS NOT NULL) n
    LEFT JOIN billable_charge p ON p.id = n.charge_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill_line" violates set-wise reference "bill_line_charge_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill_line', COLUMN = 'charge_id', CONSTRAINT = 'bill_line_charge_id_fkey',
                  DETAIL = format('Key (charge_id)=(%s) is not present in table "billable_charge".', missing);
    END IF;
    SELECT n.benefit_id INTO missing FROM (SELECT DISTINCT benefit_id FROM added WHERE benefit_id IS NOT NULL) n
    LEFT JOIN benefit p ON p.id = n.benefit_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill_line" violates set-wise reference "bill_line_benefit_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill_line', COLUMN = 'benefit_id', CONSTRAINT = 'bill_line_benefit_id_fkey',
                  DETAIL = format('Key (benefit_id)=(%s) is not present in table "benefit".', missing);
    END IF;
    SELECT n.prepaid_id INTO missing FROM (SELECT DISTINCT prepaid_id FROM added WHERE prepaid_id IS NOT NULL) n
    LEFT JOIN prepaid_volume p ON p.id = n.prepaid_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "bill_line" violates set-wise reference "bill_line_prepaid_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'bill_line', COLUMN = 'prepaid_id', CONSTRAINT = 'bill_line_prepaid_id_fkey',
                  DETAIL = format('Key (prepaid_id)=(%s) is not present in table "prepaid_volume".', missing);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_consumption() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.division_id INTO missing FROM (SELECT DISTINCT division_id FROM added WHERE division_id IS NOT NULL) n
    LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "consumption" violates set-wise reference "consumption_division_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'consumption', COLUMN = 'division_id', CONSTRAINT = 'consumption_division_id_fkey',
                  DETAIL = format('Key (division_id)=(%s) is not present in table "division".', missing);
    END IF;
    SELECT n.account_id INTO missing FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
    LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "consumption" violates set-wise reference "consumption_account_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'consumption', COLUMN = 'account_id', CONSTRAINT = 'consumption_account_id_fkey',
                  DETAIL = format('Key (account_id)=(%s) is not present in table "account".', missing);
    END IF;
    SELECT n.bill_id INTO missing FROM (SELECT DISTINCT bill_id, billing_month FROM added WHERE bill_id IS NOT NULL) n
    LEFT JOIN bill p ON p.id = n.bill_id AND p.billing_month = n.billing_month WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "consumption" violates set-wise reference "consumption_bill_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'consumption', COLUMN = 'bill_id', CONSTRAINT = 'consumption_bill_id_fkey',
                  DETAIL = format('Key (bill_id)=(%s) is not present in table "bill".', missing);
    END IF;
    SELECT n.earlier_reading_id INTO missing FROM (SELECT DISTINCT earlier_reading_id FROM added WHERE earlier_reading_id IS NOT NULL) n
    LEFT JOIN reading p ON p.id = n.earlier_reading_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "consumption" violates set-wise reference "consumption_earlier_reading_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'consumption', COLUMN = 'earlier_reading_id', CONSTRAINT = 'consumption_earlier_reading_id_fkey',
                  DETAIL = format('Key (earlier_reading_id)=(%s) is not present in table "reading".', missing);
    END IF;
    SELECT n.later_reading_id INTO missing FROM (SELECT DISTINCT later_reading_id FROM added WHERE later_reading_id IS NOT NULL) n
    LEFT JOIN reading p ON p.id = n.later_reading_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "consumption" violates set-wise reference "consumption_later_reading_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'consumption', COLUMN = 'later_reading_id', CONSTRAINT = 'consumption_later_reading_id_fkey',
                  DETAIL = format('Key (later_reading_id)=(%s) is not present in table "reading".', missing);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_debt() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    missing bigint;
BEGIN
    SELECT n.bill_id INTO missing FROM (SELECT DISTINCT bill_id, billing_month FROM added WHERE bill_id IS NOT NULL) n
    LEFT JOIN bill p ON p.id = n.bill_id AND p.billing_month = n.billing_month WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "debt" violates set-wise reference "debt_bill_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'debt', COLUMN = 'bill_id', CONSTRAINT = 'debt_bill_id_fkey',
                  DETAIL = format('Key (bill_id)=(%s) is not present in table "bill".', missing);
    END IF;
    SELECT n.account_id INTO missing FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
    LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "debt" violates set-wise reference "debt_account_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'debt', COLUMN = 'account_id', CONSTRAINT = 'debt_account_id_fkey',
                  DETAIL = format('Key (account_id)=(%s) is not present in table "account".', missing);
    END IF;
    PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.division_id INTO missing FROM (SELECT DISTINCT division_id FROM added WHERE division_id IS NOT NULL) n
    LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "debt" violates set-wise reference "debt_division_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'debt', COLUMN = 'division_id', CONSTRAINT = 'debt_division_id_fkey',
                  DETAIL = format('Key (division_id)=(%s) is not present in table "division".', missing);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_ledger_entry() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    missing bigint;
BEGIN
    PERFORM 1 FROM division p WHERE p.id IN (SELECT DISTINCT n.division_id FROM added n) ORDER BY p.id FOR KEY SHARE;
    SELECT n.division_id INTO missing FROM (SELECT DISTINCT division_id FROM added WHERE division_id IS NOT NULL) n
    LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "ledger_entry" violates set-wise reference "ledger_entry_division_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'ledger_entry', COLUMN = 'division_id', CONSTRAINT = 'ledger_entry_division_id_fkey',
                  DETAIL = format('Key (division_id)=(%s) is not present in table "division".', missing);
    END IF;
    SELECT n.account_id INTO missing FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
    LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "ledger_entry" violates set-wise reference "ledger_entry_account_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'ledger_entry', COLUMN = 'account_id', CONSTRAINT = 'ledger_entry_account_id_fkey',
                  DETAIL = format('Key (account_id)=(%s) is not present in table "account".', missing);
    END IF;
    SELECT n.reverses_id INTO missing FROM (SELECT DISTINCT reverses_id FROM added WHERE reverses_id IS NOT NULL) n
    LEFT JOIN ledger_entry p ON p.id = n.reverses_id WHERE p.id IS NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'insert on table "ledger_entry" violates set-wise reference "ledger_entry_reverses_id_fkey"'
            USING ERRCODE = 'foreign_key_violation', TABLE = 'ledger_entry', COLUMN = 'reverses_id', CONSTRAINT = 'ledger_entry_reverses_id_fkey',
                  DETAIL = format('Key (reverses_id)=(%s) is not present in table "ledger_entry".', missing);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_payment() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    lost record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('PAYMENT_REFERENCES:' || '', 0));
    WITH few AS MATERIALIZED (SELECT DISTINCT division_id FROM added)
    SELECT * INTO lost FROM (
        SELECT 'division_id' AS name, 'division' AS parent, n.division_id AS id
        FROM (SELECT DISTINCT division_id FROM few WHERE division_id IS NOT NULL) n
        LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL
        UNION ALL
        SELECT 'account_id' AS name, 'account' AS parent, n.account_id AS id
        FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
        LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL
        UNION ALL
        SELECT 'reverses_id' AS name, 'payment' AS parent, n.reverses_id AS id
        FROM (SELECT DISTINCT reverses_id FROM added WHERE reverses_id IS NOT NULL) n
        LEFT JOIN payment p ON p.id = n.reverses_id WHERE p.id IS NULL
        UNION ALL
        SELECT 'tender_id' AS name, 'tender' AS parent, n.tender_id AS id
        FROM (SELECT DISTINCT tender_id FROM added WHERE tender_id IS NOT NULL) n
        LEFT JOIN tender p ON p.id = n.tender_id WHERE p.id IS NULL
    ) m LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% on table "payment" violates set-wise reference "payment_%_fkey"', lower(TG_OP), lost.name
            USING ERRCODE = 'foreign_key_violation', TABLE = 'payment', COLUMN = lost.name, CONSTRAINT = 'payment_' || lost.name || '_fkey',
                  DETAIL = format('Key (%s)=(%s) is not present in table "%s".', lost.name, lost.id, lost.parent);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.check_references_of_tender() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
DECLARE
    lost record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('PAYMENT_REFERENCES:' || '', 0));
    WITH few AS MATERIALIZED (SELECT DISTINCT division_id, payment_contract_id, payment_control_id, reversal_control_id FROM added)
    SELECT * INTO lost FROM (
        SELECT 'division_id' AS name, 'division' AS parent, n.division_id AS id
        FROM (SELECT DISTINCT division_id FROM few WHERE division_id IS NOT NULL) n
        LEFT JOIN division p ON p.id = n.division_id WHERE p.id IS NULL
        UNION ALL
        SELECT 'payment_contract_id' AS name, 'payment_contract' AS parent, n.payment_contract_id AS id
        FROM (SELECT DISTINCT payment_contract_id FROM few WHERE payment_contract_id IS NOT NULL) n
        LEFT JOIN payment_contract p ON p.id = n.payment_contract_id WHERE p.id IS NULL
        UNION ALL
        SELECT 'account_id' AS name, 'account' AS parent, n.account_id AS id
        FROM (SELECT DISTINCT account_id FROM added WHERE account_id IS NOT NULL) n
        LEFT JOIN account p ON p.id = n.account_id WHERE p.id IS NULL
        UNION ALL
        SELECT 'payment_control_id' AS name, 'payment_control' AS parent, n.payment_control_id AS id
        FROM (SELECT DISTINCT payment_control_id FROM few WHERE payment_control_id IS NOT NULL) n
        LEFT JOIN payment_control p ON p.id = n.payment_control_id WHERE p.id IS NULL
        UNION ALL
        SELECT 'reversal_control_id' AS name, 'payment_control' AS parent, n.reversal_control_id AS id
        FROM (SELECT DISTINCT reversal_control_id FROM few WHERE reversal_control_id IS NOT NULL) n
        LEFT JOIN payment_control p ON p.id = n.reversal_control_id WHERE p.id IS NULL
    ) m LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% on table "tender" violates set-wise reference "tender_%_fkey"', lower(TG_OP), lost.name
            USING ERRCODE = 'foreign_key_violation', TABLE = 'tender', COLUMN = lost.name, CONSTRAINT = 'tender_' || lost.name || '_fkey',
                  DETAIL = format('Key (%s)=(%s) is not present in table "%s".', lost.name, lost.id, lost.parent);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.control_sums(control bigint, OUT tenders bigint, OUT received_tiyin bigint) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        SELECT (SELECT count(*) FROM tender WHERE payment_control_id = control),
               (SELECT coalesce(sum(amount_tiyin), 0) FROM tender WHERE payment_control_id = control)
             - (SELECT coalesce(sum(amount_tiyin), 0) FROM tender WHERE reversal_control_id = control)
    $$;

CREATE FUNCTION public.copy_triggers(parent text, child text, of_rows boolean) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    definition text;
BEGIN
    FOR definition IN
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t
        WHERE t.tgrelid = parent::regclass AND NOT t.tgisinternal AND (t.tgtype & 1 = 1) = of_rows ORDER BY t.tgname
    LOOP
        EXECUTE replace(definition, format(' ON public.%I ', parent), format(' ON %s ', child));
    END LOOP;
END $$;

CREATE FUNCTION public.counted_control(control bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    held payment_control%ROWTYPE;
BEGIN
    LOOP
        SELECT * INTO held FROM payment_control WHERE id = control FOR KEY SHARE;
        IF NOT FOUND OR held.status <> 'CLOSED' THEN
            RETURN control;
        END IF;
        IF held.kind <> 'GATEWAY_DAY' THEN
            RAISE EXCEPTION 'payment control % is closed', control
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_control_is_closed';
        END IF;
        INSERT INTO payment_control (division_id, kind, payment_contract_id, business_day)
        VALUES (held.division_id, 'GATEWAY_DAY', held.payment_contract_id, held.business_day + 1)
        ON CONFLICT (payment_contract_id, business_day) WHERE kind = 'GATEWAY_DAY' DO NOTHING;
        SELECT id INTO control FROM payment_control
        WHERE kind = 'GATEWAY_DAY' AND payment_contract_id = held.payment_contract_id AND business_day = held.business_day + 1;
    END LOOP;
END $$;

CREATE FUNCTION public.detach_month(parent text, month date) RETURNS boolean
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '2s'
    AS $$
DECLARE
    child text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
    waits boolean;
BEGIN
    IF to_regclass(format('monthly.%I', child)) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('ALTER TABLE %I DETACH PARTITION monthly.%I', parent, child);
    PERFORM copy_triggers(parent, format('monthly.%I', child), true);
    EXECUTE format('ALTER TABLE monthly.%I SET SCHEMA archive', child);
    EXECUTE format('REVOKE ALL ON archive.%I FROM PUBLIC, pcb_web, pcb_worker, pcb_report', child);
    EXECUTE format('CREATE POLICY kept ON archive.%I FOR SELECT TO pcb_owner USING (true)', child);
    IF parent = 'audit_entry' THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM audit_pending p JOIN archive.%I e ON e.id = p.audit_entry_id)', child) INTO waits;
        IF waits THEN
            RAISE EXCEPTION 'entries of % wait for their seal', child USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    END IF;
    PERFORM show_archive(parent);
    RETURN true;
END $$;

CREATE FUNCTION public.end_sessions(of_user integer, reason text) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        UPDATE user_session SET ended_at = clock_timestamp(), end_reason = reason,
            ended_by = coalesce(nullif(current_setting('app.actor', true), ''), session_user)
        WHERE user_id = of_user AND ended_at IS NULL
    $$;

CREATE FUNCTION public.end_sessions_of_member() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN PERFORM end_sessions(OLD.user_id, 'RIGHTS'); END IF;
        IF TG_OP <> 'DELETE' THEN PERFORM end_sessions(NEW.user_id, 'RIGHTS'); END IF;
        RETURN NULL;
    END $$;

CREATE FUNCTION public.end_sessions_of_user() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    BEGIN
        PERFORM end_sessions(NEW.id, CASE WHEN NEW.active IS NOT TRUE THEN 'DEACTIVATED' ELSE 'PASSWORD' END);
        RETURN NULL;
    END $$;

CREATE FUNCTION public.grants_of_user(who bigint) RETURNS TABLE(division_id bigint, valid_from date, valid_to date)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT a.division_id, a.valid_from, a.valid_to FROM division_access a WHERE a.user_id = who
$$;

CREATE FUNCTION public.keep_billed_installation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    BEGIN
        IF (OLD.meter_id, OLD.service_point_id, OLD.valid_from, OLD.ct_primary, OLD.ct_secondary, OLD.vt_primary, OLD.vt_secondary)
           IS DISTINCT FROM
           (NEW.meter_id, NEW.service_point_id, NEW.valid_from, NEW.ct_primary, NEW.ct_secondary, NEW.vt_primary, NEW.vt_secondary)
           AND EXISTS (SELECT 1 FROM billed_readings(OLD.id, NULL)) THEN
            RAISE EXCEPTION 'bills were made with installation %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_installation_is_billed';
        END IF;
        IF EXISTS (
            SELECT 1 FROM reading r
            WHERE r.meter_installation_id = OLD.id AND r.kind <> 'WITHDRAWAL' AND (r.read_on < NEW.valid_from OR r.read_on > NEW.valid_to)
              AND NOT EXISTS (SELECT 1 FROM reading n WHERE n.replaces_id = r.id)
        ) THEN
            RAISE EXCEPTION 'installation % was read outside its days', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_installation_was_read';
        END IF;
        RETURN NEW;
    END $$;

CREATE FUNCTION public.keep_billed_meter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM meter_installation i CROSS JOIN LATERAL billed_readings(i.id, NULL) r
            WHERE i.meter_id = OLD.id
              AND ((OLD.division_id, OLD.model_id, OLD.serial_number) IS DISTINCT FROM (NEW.division_id, NEW.model_id, NEW.serial_number)
                   OR (NEW.verified_to < coalesce(OLD.verified_to, 'infinity') AND NEW.verified_to < r.read_on))
        ) THEN
            RAISE EXCEPTION 'bills were made with meter %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'meter_is_billed';
        END IF;
        RETURN NEW;
    END $$;

CREATE FUNCTION public.keep_billed_register() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM meter_installation i CROSS JOIN LATERAL billed_readings(i.id, OLD.id) WHERE i.meter_id = OLD.meter_id
        ) THEN
            RAISE EXCEPTION 'bills were made with register %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'register_is_billed';
        END IF;
        RETURN NEW;
    END $$;

CREATE FUNCTION public.keep_referenced() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    found_one boolean;
BEGIN
    FOR i IN 0 .. (TG_NARGS - 1) / 2 - 1 LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I c WHERE c.%I = $1)', TG_ARGV[2 * i + 1], TG_ARGV[2 * i + 2])
            INTO found_one USING OLD.id;
        IF found_one THEN
            RAISE EXCEPTION '% on table "%" violates set-wise reference "%_%_fkey" on table "%"',
                lower(TG_OP), TG_ARGV[0], TG_ARGV[2 * i + 1], TG_ARGV[2 * i + 2], TG_ARGV[2 * i + 1]
                USING ERRCODE = 'foreign_key_violation', TABLE = TG_ARGV[2 * i + 1], COLUMN = TG_ARGV[2 * i + 2],
                      CONSTRAINT = TG_ARGV[2 * i + 1] || '_' || TG_ARGV[2 * i + 2] || '_fkey',
                      DETAIL = format('Key (id)=(%s) is still referenced from table "%s".', OLD.id, TG_ARGV[2 * i + 1]);
        END IF;
    END LOOP;
    RETURN NULL;
END $_$;

CREATE FUNCTION public.keep_row_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    before_row jsonb := to_jsonb(OLD);
    the_division bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND before_row IS NOT DISTINCT FROM to_jsonb(NEW) THEN
        RETURN NULL;
    END IF;
    IF TG_ARGV[1] = 'operational' THEN
        the_division := (before_row ->> 'division_id')::bigint;
        IF TG_ARGV[0] = 'register' THEN
            SELECT division_id INTO the_division FROM meter WHERE id = OLD.meter_id;
        END IF;
    END IF;
    before_row := audit_masked(before_row, NULL);
    INSERT INTO row_version (division_id, table_name, row_id, contents) VALUES (the_division, TG_ARGV[0], OLD.id, before_row);
    RETURN NULL;
END $$;

CREATE FUNCTION public.keep_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    day date := coalesce(nullif(current_setting('app.valid_from', true), '')::date, (now() AT TIME ZONE 'Asia/Tashkent')::date);
    row_now jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END - 'created_at' - 'created_by';
    number bigint := (row_now ->> 'id')::bigint;
BEGIN
    DELETE FROM reference_version WHERE table_name = TG_ARGV[0] AND row_id = number AND valid_to IS NULL AND valid_from >= day;
    UPDATE reference_version SET valid_to = day WHERE table_name = TG_ARGV[0] AND row_id = number AND valid_to IS NULL;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO reference_version (table_name, row_id, valid_from, contents, change_id, recorded_by) VALUES (
            TG_ARGV[0], number, day, row_now, nullif(current_setting('app.change_id', true), '')::bigint,
            coalesce(nullif(current_setting('app.actor', true), ''), 'system')
        );
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.make_month(parent text, month date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET lock_timeout TO '2s'
    AS $_$
DECLARE
    child text := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
    others text := parent || '_default';
    since timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'Asia/Tashkent';
    until timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'Asia/Tashkent';
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = format('public.%I', parent)::regclass) THEN
        RAISE EXCEPTION '% has no months', parent USING ERRCODE = 'wrong_object_type';
    END IF;
    IF to_regclass('monthly.' || child) IS NOT NULL OR to_regclass('archive.' || child) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
    IF to_regclass('monthly.' || child) IS NOT NULL THEN  -- by who held the lock
        RETURN false;
    END IF;
    PERFORM make_partition(parent, child);
    -- Late rows move with their guards off: nobody else sees them meanwhile, and none is changed.
    EXECUTE format('ALTER TABLE monthly.%I NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER USER', others);
    EXECUTE format('ALTER TABLE monthly.%I NO FORCE ROW LEVEL SECURITY', child);
    EXECUTE format('WITH late AS (DELETE FROM monthly.%I WHERE happened_at >= $1 AND happened_at < $2 RETURNING *) '
                   'INSERT INTO monthly.%I SELECT * FROM late', others, child) USING since, until;
    EXECUTE format('ALTER TABLE monthly.%I FORCE ROW LEVEL SECURITY, ENABLE TRIGGER USER', others);
    EXECUTE format('ALTER TABLE monthly.%I FORCE ROW LEVEL SECURITY', child);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION monthly.%I FOR VALUES FROM (%L) TO (%L)', parent, child, since, until);
    RETURN true;
END $_$;

CREATE FUNCTION public.make_partition(parent text, child text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    EXECUTE format('CREATE TABLE monthly.%I (LIKE %I INCLUDING ALL EXCLUDING IDENTITY)', child, parent);
    EXECUTE format('ALTER TABLE monthly.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', child);
    PERFORM copy_triggers(parent, format('monthly.%I', child), false);
END $$;

CREATE FUNCTION public.meter_serial(written text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
        SELECT ltrim(upper(regexp_replace(written, '[^[:alnum:]]', '', 'g')), '0')
    $$;

CREATE FUNCTION public.move_to_counted_control() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.payment_control_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.payment_control_id IS DISTINCT FROM OLD.payment_control_id) THEN
        NEW.payment_control_id := counted_control(NEW.payment_control_id);
    END IF;
    IF NEW.reversal_control_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.reversal_control_id IS DISTINCT FROM OLD.reversal_control_id) THEN
        NEW.reversal_control_id := counted_control(NEW.reversal_control_id);
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.open_control(control bigint) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
        SELECT id FROM payment_control WHERE id = control AND status <> 'CLOSED' FOR SHARE
    $$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'facts are never changed: % on %', TG_OP, TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$;

CREATE FUNCTION public.refuse_change_of_closed_control() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'payment control % is closed', OLD.id USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_control_is_closed';
    END $$;

CREATE FUNCTION public.refuse_closed_month() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    refused date;
BEGIN
    SELECT p.billing_month INTO refused FROM accounting_period p
    JOIN (SELECT DISTINCT division_id, billing_month FROM fresh) f USING (division_id, billing_month)
    WHERE p.status = 'CLOSED' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the month % is closed', refused USING ERRCODE = 'check_violation', CONSTRAINT = 'accounting_period_is_open';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.refuse_entry_of_closed_control() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF open_control(NEW.payment_control_id) IS NULL THEN
            RAISE EXCEPTION 'payment control % is closed', NEW.payment_control_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_control_is_closed';
        END IF;
        RETURN NEW;
    END $$;

CREATE FUNCTION public.refuse_occupied_meter_installation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM service_point p
    WHERE p.id IN (SELECT i.service_point_id FROM meter_installation i WHERE i.id IN (SELECT c.id FROM changed c)) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM meter_installation n
        JOIN meter_installation o ON o.service_point_id = n.service_point_id AND o.id <> n.id
            AND daterange(o.valid_from, o.valid_to) && daterange(n.valid_from, n.valid_to)
        JOIN register g ON g.meter_id = n.meter_id
        JOIN register h ON h.meter_id = o.meter_id AND h.code = g.code
        WHERE n.id IN (SELECT c.id FROM changed c)
    ) THEN
        RAISE EXCEPTION 'another meter counts at this service point'
        USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'service_point_is_occupied';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.refuse_occupied_register() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM 1 FROM service_point p
    WHERE p.id IN (SELECT i.service_point_id FROM meter_installation i WHERE i.id IN (SELECT i.id FROM changed c JOIN meter_installation i ON i.meter_id = c.meter_id)) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM meter_installation n
        JOIN meter_installation o ON o.service_point_id = n.service_point_id AND o.id <> n.id
            AND daterange(o.valid_from, o.valid_to) && daterange(n.valid_from, n.valid_to)
        JOIN register g ON g.meter_id = n.meter_id
        JOIN register h ON h.meter_id = o.meter_id AND h.code = g.code
        WHERE n.id IN (SELECT i.id FROM changed c JOIN meter_installation i ON i.meter_id = c.meter_id)
    ) THEN
        RAISE EXCEPTION 'another meter counts at this service point'
        USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'service_point_is_occupied';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.refuse_other_channel() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'payment contract % keeps its channel', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_contract_keeps_its_channel';
    END $$;

CREATE FUNCTION public.refuse_place() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% (table %)', translate(TG_ARGV[1], '_', ' '), TG_ARGV[0]
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[1], TABLE = TG_ARGV[0];
END $$;

CREATE FUNCTION public.refuse_place_of_owner() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    any_row jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    division bigint;
BEGIN
    EXECUTE format('SELECT division_id FROM %I WHERE id = $1', TG_ARGV[2]) INTO division USING (any_row ->> TG_ARGV[3])::bigint;
    IF (division = ANY (TG_ARGV[4]::bigint[])) = TG_ARGV[5]::boolean THEN
        RAISE EXCEPTION '% (table %)', translate(TG_ARGV[1], '_', ' '), TG_ARGV[0]
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_ARGV[1], TABLE = TG_ARGV[0];
    END IF;
    RETURN NULL;
END $_$;

CREATE FUNCTION public.release_reference() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF current_setting('app.released', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('REFERENCE_RELEASE:' || '', 0));
        INSERT INTO reference_release (number) SELECT coalesce(max(number), 0) + 1 FROM reference_release;
        PERFORM set_config('app.released', pg_current_xact_id()::text, true);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.rows_as_of(sample anyelement, key_column text, key bigint, moment timestamp with time zone) RETURNS SETOF anyelement
    LANGUAGE plpgsql STABLE
    AS $_$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT t.* FROM %1$I t WHERE t.%2$I = $1 AND t.created_at <= $2 AND NOT EXISTS (
             SELECT 1 FROM row_version v WHERE v.table_name = %1$L AND v.row_id = t.id AND v.superseded_at > $2)
         UNION ALL
         SELECT r.* FROM (
             SELECT DISTINCT ON (v.row_id) v.contents FROM row_version v
             WHERE v.table_name = %1$L AND v.superseded_at > $2
               AND v.row_id IN (SELECT k.row_id FROM row_version k WHERE k.table_name = %1$L AND k.contents ->> %2$L::text = $1::text)
             ORDER BY v.row_id, v.superseded_at, v.id
         ) f CROSS JOIN LATERAL jsonb_populate_record(NULL::%1$I, f.contents) r WHERE r.%2$I = $1 AND r.created_at <= $2',
        pg_typeof(sample)::text, key_column
    ) USING key, moment;
END $_$;

CREATE FUNCTION public.show_archive(parent text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    branches text;
BEGIN
    SELECT string_agg(format('SELECT %s FROM %s', s.columns, s.source), ' UNION ALL ' ORDER BY s.place, s.source) INTO branches
    FROM (
        SELECT c.oid::regclass::text AS source, c.oid <> parent::regclass AS place, string_agg(
            CASE WHEN m.attname IS NULL THEN format('NULL::%s AS %I', format_type(a.atttypid, a.atttypmod), a.attname)
                 ELSE quote_ident(a.attname) END, ', ' ORDER BY a.attnum) AS columns
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = parent::regclass AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attribute m ON m.attrelid = c.oid AND m.attname = a.attname AND NOT m.attisdropped
        WHERE c.oid = parent::regclass
           OR c.relkind = 'r' AND c.relnamespace = 'archive'::regnamespace AND c.relname ~ ('^' || parent || '_[0-9]{4}_[0-9]{2}$')
        GROUP BY c.oid
    ) s;
    EXECUTE format('CREATE OR REPLACE VIEW archive.%I AS %s', parent, branches);
END $_$;

CREATE FUNCTION public.user_divisions(who bigint, day date) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT DISTINCT d.id
    FROM division_access a
    JOIN division top ON top.id = a.division_id
    JOIN division d ON starts_with(d.path, top.path)
    WHERE (a.user_id = who OR a.user_id IN (SELECT absent_users(who, day)))
      AND a.valid_from <= day AND coalesce(a.valid_to > day, true)
$$;

CREATE FUNCTION public.wait_for_payments() RETURNS trigger
    LANGUAGE plpgsql
    SET lock_timeout TO '2s'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('PAYMENT_REFERENCES:' || '', 0));
    RETURN NULL;
END $$;

CREATE FUNCTION public.write_audit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    before_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    any_row jsonb;
BEGIN
    IF TG_NARGS > 1 THEN
        before_row := before_row - TG_ARGV[1:];
        after_row := after_row - TG_ARGV[1:];
    END IF;
    IF before_row IS NOT DISTINCT FROM after_row THEN
        RETURN NULL;
    END IF;
    any_row := coalesce(after_row, before_row);
    IF any_row ?| audit_secrets() THEN
        after_row := audit_masked(after_row, before_row);
        before_row := audit_masked(before_row, NULL);
    END IF;
    WITH made AS (
        INSERT INTO audit_entry (division_id, actor, address, reason, table_name, row_id, operation, before, after, asked_by, approved_by)
        VALUES (
            CASE WHEN TG_ARGV[0] <> 'division_access' THEN (any_row ->> 'division_id')::bigint END,
            coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            nullif(current_setting('app.address', true), ''),
            nullif(current_setting('app.reason', true), ''),
            TG_ARGV[0], (any_row ->> 'id')::bigint, TG_OP, before_row, after_row, nullif(current_setting('app.asked_by', true), ''), nullif(current_setting('app.approved_by', true), '')
        ) RETURNING id
    )
    INSERT INTO audit_pending (audit_entry_id) SELECT id FROM made;
    RETURN NULL;
END $$;

CREATE FUNCTION public.write_reading(page text, query jsonb, tables text[], ids bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
DECLARE
    shown record;
BEGIN
    FOR shown IN SELECT name, array_agg(DISTINCT row_id) AS row_ids FROM unnest(tables, ids) AS each_(name, row_id) GROUP BY name LOOP
        IF shown.name <> ALL ('{account,bill,consumer,job_run,notice,payment,reading_import,stored_file,tender}'::text[]) THEN
            RAISE EXCEPTION 'readings of % are not recorded', shown.name;
        END IF;
        EXECUTE format(
            'WITH made AS (
                INSERT INTO audit_entry (division_id, actor, address, table_name, row_id, operation, after)
                SELECT r.division_id, $1, $2, %L, r.id, ''READ'', $3 FROM %I r WHERE r.id = ANY ($4) ORDER BY r.id RETURNING id
            ) INSERT INTO audit_pending (audit_entry_id) SELECT id FROM made', shown.name, shown.name)
        USING coalesce(nullif(current_setting('app.actor', true), ''), 'system'), nullif(current_setting('app.address', true), ''),
              jsonb_build_object('page', page, 'query', query), shown.row_ids;
    END LOOP;
END $_$;

CREATE FUNCTION public.write_statement() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    how_many bigint;
    first_id bigint;
    the_division bigint;
BEGIN
    IF TG_NARGS = 1 THEN
        SELECT count(*), min(id), CASE WHEN min(division_id) = max(division_id) THEN min(division_id) END
        INTO how_many, first_id, the_division FROM moved;
    ELSE
        SELECT count(*), CASE WHEN min(division_id) = max(division_id) THEN min(division_id) END INTO how_many, the_division FROM moved;
    END IF;
    IF how_many = 0 THEN
        RETURN NULL;
    END IF;
    WITH made AS (
        INSERT INTO audit_entry (division_id, actor, address, reason, table_name, row_id, operation, after, asked_by, approved_by)
        VALUES (
            the_division,
            coalesce(nullif(current_setting('app.actor', true), ''), 'system'),
            nullif(current_setting('app.address', true), ''),
            nullif(current_setting('app.reason', true), ''),
            TG_ARGV[0], CASE WHEN how_many = 1 THEN first_id END, TG_OP, jsonb_build_object('rows', how_many), nullif(current_setting('app.asked_by', true), ''), nullif(current_setting('app.approved_by', true), '')
        ) RETURNING id
    )
    INSERT INTO audit_pending (audit_entry_id) SELECT id FROM made;
    RETURN NULL;
END $$;

CREATE TABLE public.audit_entry (
    id bigint NOT NULL,
    happened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    division_id bigint,
    actor character varying(64) NOT NULL,
    address character varying(64),
    table_name character varying(64) NOT NULL,
    row_id bigint,
    operation character varying(8) NOT NULL,
    before jsonb,
    after jsonb,
    reason character varying(300),
    asked_by character varying(64),
    approved_by character varying(64)
)
PARTITION BY RANGE (happened_at);

ALTER TABLE ONLY public.audit_entry FORCE ROW LEVEL SECURITY;

CREATE VIEW archive.audit_entry AS
 SELECT id,
    happened_at,
    division_id,
    actor,
    address,
    table_name,
    row_id,
    operation,
    before,
    after,
    reason,
    asked_by,
    approved_by
   FROM public.audit_entry;

CREATE TABLE public.gateway_call (
    id bigint NOT NULL,
    happened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    channel character varying(24) NOT NULL,
    method character varying(64) NOT NULL,
    reference character varying(64),
    address character varying(64),
    request text NOT NULL,
    reply text NOT NULL,
    CONSTRAINT gateway_call_channel CHECK (((channel)::text = ANY ((ARRAY['CASHIER'::character varying, 'PAYME'::character varying, 'BANK'::character varying, 'POST'::character varying, 'PAYNET'::character varying, 'CLICK'::character varying, 'UZUM'::character varying, 'SMS'::character varying])::text[])))
)
PARTITION BY RANGE (happened_at);

CREATE VIEW archive.gateway_call AS
 SELECT id,
    happened_at,
    channel,
    method,
    reference,
    address,
    request,
    reply
   FROM public.gateway_call;

CREATE TABLE monthly.audit_entry_default (
    id bigint CONSTRAINT audit_entry_id_not_null NOT NULL,
    happened_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT audit_entry_happened_at_not_null NOT NULL,
    division_id bigint,
    actor character varying(64) CONSTRAINT audit_entry_actor_not_null NOT NULL,
    address character varying(64),
    table_name character varying(64) CONSTRAINT audit_entry_table_name_not_null NOT NULL,
    row_id bigint,
    operation character varying(8) CONSTRAINT audit_entry_operation_not_null NOT NULL,
    before jsonb,
    after jsonb,
    reason character varying(300),
    asked_by character varying(64),
    approved_by character varying(64)
);

ALTER TABLE ONLY monthly.audit_entry_default FORCE ROW LEVEL SECURITY;

CREATE TABLE monthly.gateway_call_default (
    id bigint CONSTRAINT gateway_call_id_not_null NOT NULL,
    happened_at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT gateway_call_happened_at_not_null NOT NULL,
    channel character varying(24) CONSTRAINT gateway_call_channel_not_null NOT NULL,
    method character varying(64) CONSTRAINT gateway_call_method_not_null NOT NULL,
    reference character varying(64),
    address character varying(64),
    request text CONSTRAINT gateway_call_request_not_null NOT NULL,
    reply text CONSTRAINT gateway_call_reply_not_null NOT NULL,
    CONSTRAINT gateway_call_channel CHECK (((channel)::text = ANY ((ARRAY['CASHIER'::character varying, 'PAYME'::character varying, 'BANK'::character varying, 'POST'::character varying, 'PAYNET'::character varying, 'CLICK'::character varying, 'UZUM'::character varying, 'SMS'::character varying])::text[])))
);

ALTER TABLE ONLY monthly.gateway_call_default FORCE ROW LEVEL SECURITY;

CREATE TABLE public.ab_api_key (
    id integer NOT NULL,
    uuid character varying(36) NOT NULL,
    name character varying(256) NOT NULL,
    key_hash character varying(256) NOT NULL,
    lookup_hash character varying(256),
    key_prefix character varying(16) NOT NULL,
    user_id integer NOT NULL,
    scopes text,
    active boolean NOT NULL,
    created_on timestamp without time zone,
    expires_on timestamp without time zone,
    revoked_on timestamp without time zone,
    last_used_on timestamp without time zone
);

CREATE SEQUENCE public.ab_api_key_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_api_key_id_seq OWNED BY public.ab_api_key.id;

CREATE TABLE public.ab_group (
    id integer NOT NULL,
    name character varying(100) NOT NULL,
    label character varying(150),
    description character varying(512)
);

CREATE SEQUENCE public.ab_group_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_group_id_seq OWNED BY public.ab_group.id;

CREATE TABLE public.ab_group_role (
    id integer NOT NULL,
    group_id integer,
    role_id integer
);

CREATE SEQUENCE public.ab_group_role_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_group_role_id_seq OWNED BY public.ab_group_role.id;

CREATE TABLE public.ab_permission (
    id integer NOT NULL,
    name character varying(100) NOT NULL
);

CREATE SEQUENCE public.ab_permission_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_permission_id_seq OWNED BY public.ab_permission.id;

CREATE TABLE public.ab_permission_view (
    id integer NOT NULL,
    permission_id integer NOT NULL,
    view_menu_id integer NOT NULL
);

CREATE SEQUENCE public.ab_permission_view_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_permission_view_id_seq OWNED BY public.ab_permission_view.id;

CREATE TABLE public.ab_permission_view_role (
    id integer NOT NULL,
    permission_view_id integer,
    role_id integer
);

CREATE SEQUENCE public.ab_permission_view_role_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_permission_view_role_id_seq OWNED BY public.ab_permission_view_role.id;

CREATE TABLE public.ab_register_user (
    id integer NOT NULL,
    first_name character varying(64) NOT NULL,
    last_name character varying(64) NOT NULL,
    username character varying(128) NOT NULL,
    password character varying(256),
    email character varying(320) NOT NULL,
    registration_date timestamp without time zone,
    registration_hash character varying(256)
);

CREATE SEQUENCE public.ab_register_user_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_register_user_id_seq OWNED BY public.ab_register_user.id;

CREATE TABLE public.ab_role (
    id integer NOT NULL,
    name character varying(64) NOT NULL
);

CREATE SEQUENCE public.ab_role_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_role_id_seq OWNED BY public.ab_role.id;

CREATE TABLE public.ab_user (
    id integer NOT NULL,
    first_name character varying(64) NOT NULL,
    last_name character varying(64) NOT NULL,
    username character varying(128) NOT NULL,
    password character varying(256),
    active boolean,
    email character varying(320) NOT NULL,
    last_login timestamp without time zone,
    login_count integer,
    fail_login_count integer,
    created_on timestamp without time zone,
    changed_on timestamp without time zone,
    created_by_fk integer,
    changed_by_fk integer
);

CREATE TABLE public.ab_user_group (
    id integer NOT NULL,
    user_id integer,
    group_id integer
);

CREATE SEQUENCE public.ab_user_group_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_user_group_id_seq OWNED BY public.ab_user_group.id;

CREATE SEQUENCE public.ab_user_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_user_id_seq OWNED BY public.ab_user.id;

CREATE TABLE public.ab_user_role (
    id integer NOT NULL,
    user_id integer,
    role_id integer
);

CREATE SEQUENCE public.ab_user_role_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_user_role_id_seq OWNED BY public.ab_user_role.id;

CREATE TABLE public.ab_view_menu (
    id integer NOT NULL,
    name character varying(250) NOT NULL
);

CREATE SEQUENCE public.ab_view_menu_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.ab_view_menu_id_seq OWNED BY public.ab_view_menu.id;

CREATE TABLE public.account (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    number character varying(13) NOT NULL COLLATE pg_catalog."C",
    consumer_id bigint NOT NULL,
    status character varying(24) DEFAULT 'OPEN'::character varying NOT NULL,
    opened_on date NOT NULL,
    closed_on date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    continues_id bigint,
    CONSTRAINT account_number CHECK (((number)::text ~ '^[0-9]{12,13}$'::text)),
    CONSTRAINT account_period_rises CHECK (((closed_on IS NULL) OR (closed_on >= opened_on))),
    CONSTRAINT account_status CHECK (((status)::text = ANY ((ARRAY['OPEN'::character varying, 'CLOSED'::character varying])::text[])))
);

ALTER TABLE ONLY public.account FORCE ROW LEVEL SECURITY;

CREATE TABLE public.account_balance (
    account_id bigint NOT NULL,
    billing_month date NOT NULL,
    division_id bigint NOT NULL,
    opening_tiyin bigint NOT NULL,
    charged_tiyin bigint NOT NULL,
    paid_tiyin bigint NOT NULL,
    adjusted_tiyin bigint DEFAULT 0 NOT NULL,
    closing_tiyin bigint NOT NULL,
    CONSTRAINT account_balance_closes CHECK ((closing_tiyin = (((opening_tiyin + charged_tiyin) - paid_tiyin) + adjusted_tiyin)))
);

ALTER TABLE ONLY public.account_balance FORCE ROW LEVEL SECURITY;

CREATE TABLE public.account_benefit (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    benefit_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT account_benefit_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.account_benefit FORCE ROW LEVEL SECURITY;

ALTER TABLE public.account_benefit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_benefit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_document (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    stored_file_id bigint NOT NULL,
    title character varying(200) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE ONLY public.account_document FORCE ROW LEVEL SECURITY;

ALTER TABLE public.account_document ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_document_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_position (
    account_id bigint NOT NULL,
    division_id bigint NOT NULL,
    debt_tiyin bigint DEFAULT 0 NOT NULL,
    advance_tiyin bigint DEFAULT 0 NOT NULL,
    billed_to date,
    actual_to date,
    billed_month date,
    CONSTRAINT account_position_not_negative CHECK (((debt_tiyin >= 0) AND (advance_tiyin >= 0))),
    CONSTRAINT account_position_settled CHECK (((debt_tiyin = 0) OR (advance_tiyin = 0)))
)
WITH (fillfactor='50');

ALTER TABLE ONLY public.account_position FORCE ROW LEVEL SECURITY;

CREATE TABLE public.account_statement (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    contents jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT account_statement_period_rises CHECK ((period_to > period_from))
);

ALTER TABLE ONLY public.account_statement FORCE ROW LEVEL SECURITY;

ALTER TABLE public.account_statement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_statement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.accounting_period (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    billing_month date NOT NULL,
    status character varying(24) NOT NULL,
    decided_by character varying(64) NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    reason character varying(300),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT accounting_period_month CHECK ((EXTRACT(day FROM billing_month) = (1)::numeric)),
    CONSTRAINT accounting_period_status CHECK (((status)::text = ANY ((ARRAY['OPEN'::character varying, 'CLOSED'::character varying])::text[])))
);

ALTER TABLE ONLY public.accounting_period FORCE ROW LEVEL SECURITY;

ALTER TABLE public.accounting_period ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.accounting_period_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.act (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    status character varying(24) DEFAULT 'REQUESTED'::character varying NOT NULL,
    account_id bigint,
    consumer_id bigint,
    effective_on date NOT NULL,
    reason character varying(300) NOT NULL,
    parameters jsonb DEFAULT '{}'::jsonb NOT NULL,
    result jsonb DEFAULT '{}'::jsonb NOT NULL,
    reverses_id bigint,
    reference character varying(80) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT act_status CHECK (((status)::text = ANY ((ARRAY['REQUESTED'::character varying, 'DONE'::character varying, 'REVERSED'::character varying, 'REFUSED'::character varying])::text[])))
);

ALTER TABLE ONLY public.act FORCE ROW LEVEL SECURITY;

ALTER TABLE public.act ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.act_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.adjustment (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    amount_tiyin bigint NOT NULL,
    vat_tiyin bigint NOT NULL,
    posted_on date NOT NULL,
    basis character varying(300) NOT NULL,
    reference character varying(80) NOT NULL,
    reverses_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT adjustment_amount_positive CHECK ((amount_tiyin > 0)),
    CONSTRAINT adjustment_vat CHECK (((vat_tiyin >= 0) AND (vat_tiyin <= amount_tiyin)))
);

ALTER TABLE ONLY public.adjustment FORCE ROW LEVEL SECURITY;

ALTER TABLE public.adjustment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.adjustment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.allocation (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    bill_id bigint NOT NULL,
    payment_id bigint,
    amount_tiyin bigint NOT NULL,
    allocated_on date NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    adjustment_id bigint,
    bill_month date NOT NULL,
    CONSTRAINT allocation_amount_not_zero CHECK ((amount_tiyin <> 0))
);

ALTER TABLE ONLY public.allocation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.allocation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.allocation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.approval (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    status character varying(24) DEFAULT 'PENDING'::character varying NOT NULL,
    subject character varying(300) NOT NULL,
    subject_id bigint,
    contents jsonb DEFAULT '{}'::jsonb NOT NULL,
    basis character varying(300),
    decided_by character varying(64),
    decided_at timestamp with time zone,
    remark character varying(300),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    secret jsonb,
    CONSTRAINT approval_decided_by_somebody CHECK ((((status)::text = 'PENDING'::text) = (decided_by IS NULL))),
    CONSTRAINT approval_kind CHECK (((kind)::text = ANY ((ARRAY['REFERENCE_CHANGE'::character varying, 'INSPECTION_RECORD'::character varying, 'CHARGE_REVERSAL'::character varying, 'ADJUSTMENT'::character varying, 'PERIOD_REOPEN'::character varying, 'TENDER_TRANSFER'::character varying, 'PAYMENT_MOVE'::character varying, 'ACT'::character varying, 'TRANSLATION'::character varying, 'COMPANY_SETTING'::character varying, 'BILL_CORRECTION'::character varying, 'HELD_DECISION'::character varying])::text[]))),
    CONSTRAINT approval_status CHECK (((status)::text = ANY ((ARRAY['PENDING'::character varying, 'APPROVED'::character varying, 'REFUSED'::character varying, 'WITHDRAWN'::character varying])::text[]))),
    CONSTRAINT approval_two_persons CHECK ((((status)::text <> ALL ((ARRAY['APPROVED'::character varying, 'REFUSED'::character varying])::text[])) OR ((decided_by)::text <> (created_by)::text)))
);

ALTER TABLE ONLY public.approval FORCE ROW LEVEL SECURITY;

ALTER TABLE public.approval ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.approval_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_check (
    id bigint NOT NULL,
    sealed bigint NOT NULL,
    pending bigint NOT NULL,
    head character varying(64),
    problem character varying(24),
    problem_seq bigint,
    problem_entry_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    problem_detail character varying(300)
);

ALTER TABLE public.audit_check ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_check_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.audit_entry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.audit_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_pending (
    audit_entry_id bigint NOT NULL
);

CREATE TABLE public.audit_seal (
    seq bigint NOT NULL,
    audit_entry_id bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_seal_hash CHECK ((length(hash) = 32))
);

CREATE TABLE public.bank (
    id bigint NOT NULL,
    mfo character varying(5) NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date,
    CONSTRAINT bank_mfo CHECK (((mfo)::text ~ '^[0-9]{5}$'::text))
);

ALTER TABLE public.bank ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bank_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.benefit (
    id bigint NOT NULL,
    code character varying(32) NOT NULL,
    name character varying(200) NOT NULL,
    percent numeric(5,2) NOT NULL,
    source character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date,
    limit_milli bigint,
    CONSTRAINT benefit_limit CHECK ((limit_milli > 0)),
    CONSTRAINT benefit_percent CHECK (((percent > (0)::numeric) AND (percent <= (100)::numeric)))
);

ALTER TABLE public.benefit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.benefit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bill (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    bill_run_id bigint NOT NULL,
    public_id uuid DEFAULT gen_random_uuid() NOT NULL,
    billing_month date NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    quality character varying(24) NOT NULL,
    quantity_milli bigint NOT NULL,
    amount_tiyin bigint NOT NULL,
    vat_tiyin bigint NOT NULL,
    issued_on date NOT NULL,
    due_on date NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    revision smallint DEFAULT 0 NOT NULL,
    cancels_id bigint,
    CONSTRAINT bill_period_rises CHECK ((period_to > period_from)),
    CONSTRAINT bill_quality CHECK (((quality)::text = ANY ((ARRAY['ACTUAL'::character varying, 'ESTIMATED'::character varying, 'NORM'::character varying, 'LOSSES'::character varying])::text[])))
);

ALTER TABLE ONLY public.bill FORCE ROW LEVEL SECURITY;

CREATE TABLE public.bill_correction (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint,
    tariff_group_id bigint,
    kind character varying(24) NOT NULL,
    since_month date NOT NULL,
    reason character varying(300) NOT NULL,
    reference character varying(80) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT bill_correction_kind CHECK (((kind)::text = ANY ((ARRAY['CANCEL'::character varying, 'REBILL'::character varying])::text[]))),
    CONSTRAINT bill_correction_month CHECK ((EXTRACT(day FROM since_month) = (1)::numeric))
);

ALTER TABLE ONLY public.bill_correction FORCE ROW LEVEL SECURITY;

ALTER TABLE public.bill_correction ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bill_correction_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bill_exception (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    bill_run_id bigint NOT NULL,
    account_id bigint NOT NULL,
    reason character varying(24) NOT NULL,
    parked boolean NOT NULL,
    CONSTRAINT bill_exception_reason CHECK (((reason)::text = ANY ((ARRAY['NO_TARIFF'::character varying, 'IMPLAUSIBLE'::character varying, 'TOO_LARGE'::character varying, 'ESTIMATED'::character varying, 'HIGH'::character varying, 'ZERO'::character varying, 'ZONES_DISAGREE'::character varying, 'ESTIMATED_LONG'::character varying, 'UNVERIFIED'::character varying, 'ZERO_MONTHS'::character varying, 'NEGATIVE'::character varying, 'OVER_AMOUNT'::character varying])::text[])))
);

ALTER TABLE ONLY public.bill_exception FORCE ROW LEVEL SECURITY;

ALTER TABLE public.bill_exception ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bill_exception_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bill_hold (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    billing_month date NOT NULL,
    bill_run_id bigint NOT NULL,
    reason character varying(24) NOT NULL,
    quantity_milli bigint,
    amount_tiyin bigint,
    status character varying(24) DEFAULT 'OPEN'::character varying NOT NULL,
    owner character varying(64),
    decided_by character varying(64),
    decided_at timestamp with time zone,
    remark character varying(300),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT bill_hold_reason CHECK (((reason)::text = ANY ((ARRAY['NO_TARIFF'::character varying, 'IMPLAUSIBLE'::character varying, 'TOO_LARGE'::character varying, 'ESTIMATED'::character varying, 'HIGH'::character varying, 'ZERO'::character varying, 'ZONES_DISAGREE'::character varying, 'ESTIMATED_LONG'::character varying, 'UNVERIFIED'::character varying, 'ZERO_MONTHS'::character varying, 'NEGATIVE'::character varying, 'OVER_AMOUNT'::character varying])::text[]))),
    CONSTRAINT bill_hold_status CHECK (((status)::text = ANY ((ARRAY['OPEN'::character varying, 'RELEASED'::character varying, 'CORRECTED'::character varying, 'PARKED'::character varying])::text[])))
);

ALTER TABLE ONLY public.bill_hold FORCE ROW LEVEL SECURITY;

ALTER TABLE public.bill_hold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bill_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.bill ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bill_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bill_line (
    bill_id bigint NOT NULL,
    line_no smallint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    for_month date NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    tariff_version_id bigint,
    block_no smallint NOT NULL,
    quantity_milli bigint NOT NULL,
    rate numeric(14,4) NOT NULL,
    amount_tiyin bigint NOT NULL,
    vat_tiyin bigint NOT NULL,
    component character varying(24) DEFAULT 'ENERGY'::character varying NOT NULL,
    zone character varying(16) DEFAULT 'TOTAL'::character varying NOT NULL,
    charge_id bigint,
    benefit_id bigint,
    prepaid_id bigint,
    billing_month date NOT NULL,
    CONSTRAINT bill_line_component CHECK (((component)::text = ANY ((ARRAY['ENERGY'::character varying, 'BENEFIT'::character varying, 'REACTIVE'::character varying, 'DEMAND'::character varying, 'PENALTY'::character varying, 'BACK_BILLING'::character varying, 'ADJUSTMENT'::character varying, 'SUBSIDY'::character varying, 'OVER_LIMIT'::character varying])::text[]))),
    CONSTRAINT bill_line_kind CHECK (((kind)::text = ANY ((ARRAY['CHARGE'::character varying, 'REVERSAL'::character varying, 'CORRECTION'::character varying])::text[])))
);

ALTER TABLE ONLY public.bill_line FORCE ROW LEVEL SECURITY;

CREATE TABLE public.bill_run (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    billing_month date NOT NULL,
    status character varying(24) DEFAULT 'PREVIEWING'::character varying NOT NULL,
    preview jsonb DEFAULT '{}'::jsonb NOT NULL,
    bills integer DEFAULT 0 NOT NULL,
    parked integer DEFAULT 0 NOT NULL,
    quantity_milli bigint DEFAULT 0 NOT NULL,
    amount_tiyin bigint DEFAULT 0 NOT NULL,
    vat_tiyin bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    reference_release bigint,
    policy jsonb DEFAULT '{}'::jsonb NOT NULL,
    correction_id bigint,
    CONSTRAINT bill_run_month CHECK ((EXTRACT(day FROM billing_month) = (1)::numeric)),
    CONSTRAINT bill_run_status CHECK (((status)::text = ANY ((ARRAY['PREVIEWING'::character varying, 'PREVIEWED'::character varying, 'POSTING'::character varying, 'POSTED'::character varying, 'CANCELLED'::character varying, 'FAILED'::character varying])::text[])))
);

ALTER TABLE ONLY public.bill_run FORCE ROW LEVEL SECURITY;

ALTER TABLE public.bill_run ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.bill_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.billable_charge (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    component character varying(24) NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    quantity_milli bigint DEFAULT 0 NOT NULL,
    amount_tiyin bigint NOT NULL,
    vat_tiyin bigint DEFAULT 0 NOT NULL,
    basis character varying(300) NOT NULL,
    derivation jsonb DEFAULT '{}'::jsonb NOT NULL,
    reverses_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT billable_charge_amount CHECK ((amount_tiyin <> 0)),
    CONSTRAINT billable_charge_component CHECK (((component)::text = ANY ((ARRAY['ENERGY'::character varying, 'BENEFIT'::character varying, 'REACTIVE'::character varying, 'DEMAND'::character varying, 'PENALTY'::character varying, 'BACK_BILLING'::character varying, 'ADJUSTMENT'::character varying, 'SUBSIDY'::character varying, 'OVER_LIMIT'::character varying])::text[]))),
    CONSTRAINT billable_charge_period_rises CHECK ((period_to > period_from))
);

ALTER TABLE ONLY public.billable_charge FORCE ROW LEVEL SECURITY;

ALTER TABLE public.billable_charge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.billable_charge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.consumer (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    name character varying(200) NOT NULL,
    phone character varying(13),
    language character varying(8) DEFAULT 'uz'::character varying NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    pinfl character varying(14),
    stir character varying(9),
    vat_registration character varying(12),
    oked character varying(5),
    bank_id bigint,
    bank_account character varying(20),
    director character varying(200),
    joined_to_id bigint,
    CONSTRAINT consumer_bank_account CHECK (((bank_account)::text ~ '^[0-9]{20}$'::text)),
    CONSTRAINT consumer_joined_to_another CHECK ((joined_to_id <> id)),
    CONSTRAINT consumer_kind CHECK (((kind)::text = ANY ((ARRAY['HOUSEHOLD'::character varying, 'LEGAL'::character varying])::text[]))),
    CONSTRAINT consumer_language CHECK (((language)::text = ANY ((ARRAY['uz'::character varying, 'uz_Cyrl'::character varying, 'ru'::character varying, 'kaa'::character varying, 'en'::character varying])::text[]))),
    CONSTRAINT consumer_oked CHECK (((oked)::text ~ '^[0-9]{5}$'::text)),
    CONSTRAINT consumer_phone CHECK (((phone)::text ~ '^\+998[0-9]{9}$'::text)),
    CONSTRAINT consumer_pinfl CHECK (((pinfl)::text ~ '^[0-9]{14}$'::text)),
    CONSTRAINT consumer_stir CHECK (((stir)::text ~ '^[2-7][0-9]{8}$'::text)),
    CONSTRAINT consumer_vat_registration CHECK (((vat_registration)::text ~ '^[0-9]{12}$'::text))
);

ALTER TABLE ONLY public.consumer FORCE ROW LEVEL SECURITY;

ALTER TABLE public.consumer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.consumer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.consumption (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    bill_id bigint NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    quantity_milli bigint NOT NULL,
    quality character varying(24) NOT NULL,
    earlier_reading_id bigint,
    later_reading_id bigint,
    rolled_over boolean NOT NULL,
    zone character varying(16) DEFAULT 'TOTAL'::character varying NOT NULL,
    multiplier_numerator bigint,
    multiplier_denominator bigint,
    billing_month date NOT NULL,
    CONSTRAINT consumption_period_rises CHECK ((period_to > period_from)),
    CONSTRAINT consumption_quality CHECK (((quality)::text = ANY ((ARRAY['ACTUAL'::character varying, 'ESTIMATED'::character varying, 'NORM'::character varying, 'LOSSES'::character varying])::text[])))
);

ALTER TABLE ONLY public.consumption FORCE ROW LEVEL SECURITY;

ALTER TABLE public.consumption ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.consumption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contract (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    number character varying(32) NOT NULL,
    signed_on date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    consumer_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    status character varying(24) NOT NULL,
    end_reason character varying(300),
    draft_terms jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT contract_end_has_a_reason CHECK ((((status)::text = 'ENDED'::text) = (end_reason IS NOT NULL))),
    CONSTRAINT contract_is_signed CHECK ((((status)::text = ANY ((ARRAY['DRAFT'::character varying, 'WITHDRAWN'::character varying])::text[])) OR (signed_on IS NOT NULL))),
    CONSTRAINT contract_kind CHECK (((kind)::text = ANY ((ARRAY['OFFER'::character varying, 'SUPPLY'::character varying])::text[]))),
    CONSTRAINT contract_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from))),
    CONSTRAINT contract_status CHECK (((status)::text = ANY ((ARRAY['DRAFT'::character varying, 'SIGNED'::character varying, 'ENDED'::character varying, 'WITHDRAWN'::character varying])::text[])))
);

ALTER TABLE ONLY public.contract FORCE ROW LEVEL SECURITY;

CREATE TABLE public.contract_account (
    id bigint CONSTRAINT contract_account_id_not_null1 NOT NULL,
    division_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    account_id bigint NOT NULL,
    is_draft boolean DEFAULT false NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT contract_account_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.contract_account FORCE ROW LEVEL SECURITY;

ALTER TABLE public.contract_account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contract_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contract_counter (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    year integer NOT NULL,
    last_no bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE ONLY public.contract_counter FORCE ROW LEVEL SECURITY;

ALTER TABLE public.contract_counter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contract_counter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.contract ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contract_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contract_paper (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    number integer NOT NULL,
    made_on date NOT NULL,
    texts jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT contract_paper_kind CHECK (((kind)::text = ANY ((ARRAY['OFFER'::character varying, 'SUPPLY'::character varying, 'ANNEX'::character varying, 'RENEWAL'::character varying, 'TERMINATION'::character varying])::text[])))
);

ALTER TABLE ONLY public.contract_paper FORCE ROW LEVEL SECURITY;

ALTER TABLE public.contract_paper ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contract_paper_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contract_template (
    id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    language character varying(8) NOT NULL,
    valid_from date NOT NULL,
    body text NOT NULL,
    source character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT contract_template_kind CHECK (((kind)::text = ANY ((ARRAY['OFFER'::character varying, 'SUPPLY'::character varying, 'ANNEX'::character varying, 'RENEWAL'::character varying, 'TERMINATION'::character varying])::text[]))),
    CONSTRAINT contract_template_language CHECK (((language)::text = ANY ((ARRAY['uz'::character varying, 'uz_Cyrl'::character varying, 'ru'::character varying, 'kaa'::character varying, 'en'::character varying])::text[])))
);

ALTER TABLE public.contract_template ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.contract_template_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.control_entry (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    payment_control_id bigint,
    tender_id bigint,
    debit character varying(24) NOT NULL,
    credit character varying(24) NOT NULL,
    amount_tiyin bigint NOT NULL,
    posted_on date NOT NULL,
    reason character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT control_entry_amount_positive CHECK ((amount_tiyin > 0)),
    CONSTRAINT control_entry_belongs CHECK (((payment_control_id IS NOT NULL) OR (tender_id IS NOT NULL))),
    CONSTRAINT control_entry_credit CHECK (((credit)::text = ANY ((ARRAY['CASH'::character varying, 'PROVIDER'::character varying, 'BANK'::character varying, 'SUSPENSE'::character varying, 'OVER_SHORT'::character varying, 'COMMISSION'::character varying])::text[]))),
    CONSTRAINT control_entry_debit CHECK (((debit)::text = ANY ((ARRAY['CASH'::character varying, 'PROVIDER'::character varying, 'BANK'::character varying, 'SUSPENSE'::character varying, 'OVER_SHORT'::character varying, 'COMMISSION'::character varying])::text[]))),
    CONSTRAINT control_entry_moves CHECK (((debit)::text <> (credit)::text))
);

ALTER TABLE ONLY public.control_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE public.control_entry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.control_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.debt (
    bill_id bigint NOT NULL,
    account_id bigint NOT NULL,
    division_id bigint NOT NULL,
    due_on date NOT NULL,
    remaining_tiyin bigint NOT NULL,
    billing_month date NOT NULL,
    CONSTRAINT debt_remaining_positive CHECK ((remaining_tiyin > 0))
);

ALTER TABLE ONLY public.debt FORCE ROW LEVEL SECURITY;

CREATE TABLE public.department (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    parent_id bigint,
    code character varying(32) NOT NULL,
    name character varying(200) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT department_not_its_own_parent CHECK ((parent_id <> id)),
    CONSTRAINT department_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.department FORCE ROW LEVEL SECURITY;

ALTER TABLE public.department ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.department_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.division (
    id bigint NOT NULL,
    parent_id bigint,
    level character varying(24) NOT NULL,
    code character varying(32) NOT NULL,
    branch_code character varying(5),
    name character varying(200) NOT NULL,
    name_uz_cyrl character varying(200),
    name_ru character varying(200),
    path character varying(200) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    legal_name character varying(200),
    stir character varying(9),
    vat_registration character varying(12),
    oked character varying(5),
    mfo character varying(5),
    bank_account character varying(20),
    address character varying(300),
    phone character varying(20),
    director character varying(200),
    accountant character varying(200),
    CONSTRAINT division_bank_account CHECK (((bank_account)::text ~ '^[0-9]{20}$'::text)),
    CONSTRAINT division_level CHECK (((level)::text = ANY ((ARRAY['REPUBLIC'::character varying, 'REGION'::character varying, 'DISTRICT'::character varying])::text[]))),
    CONSTRAINT division_mfo CHECK (((mfo)::text ~ '^[0-9]{5}$'::text)),
    CONSTRAINT division_oked CHECK (((oked)::text ~ '^[0-9]{5}$'::text)),
    CONSTRAINT division_seller_named CHECK (((stir IS NULL) OR ((legal_name IS NOT NULL) AND (address IS NOT NULL)))),
    CONSTRAINT division_stir CHECK (((stir)::text ~ '^[2-7][0-9]{8}$'::text)),
    CONSTRAINT division_vat_registration CHECK (((vat_registration)::text ~ '^[0-9]{12}$'::text))
);

CREATE TABLE public.division_access (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    division_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    basis character varying(300),
    CONSTRAINT division_access_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.division_access FORCE ROW LEVEL SECURITY;

ALTER TABLE public.division_access ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.division_access_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.division ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.division_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.division_turnover (
    division_id bigint NOT NULL,
    billing_month date NOT NULL,
    charged_tiyin bigint NOT NULL,
    paid_tiyin bigint NOT NULL,
    debt_change_tiyin bigint NOT NULL,
    advance_change_tiyin bigint NOT NULL,
    adjusted_tiyin bigint DEFAULT 0 NOT NULL
);

ALTER TABLE ONLY public.division_turnover FORCE ROW LEVEL SECURITY;

ALTER TABLE public.gateway_call ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.gateway_call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.given_password (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    given_at timestamp with time zone NOT NULL,
    given_by character varying(64) NOT NULL
);

ALTER TABLE public.given_password ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.given_password_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.inspection_record (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    number character varying(32) NOT NULL,
    drawn_on date NOT NULL,
    kind character varying(24) NOT NULL,
    inspector character varying(200) NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    method character varying(24) NOT NULL,
    findings character varying(1000),
    derivation jsonb DEFAULT '{}'::jsonb NOT NULL,
    quantity_milli bigint NOT NULL,
    amount_tiyin bigint NOT NULL,
    vat_tiyin bigint NOT NULL,
    status character varying(24) DEFAULT 'ASKED'::character varying NOT NULL,
    charge_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT inspection_record_after_its_window CHECK ((drawn_on >= period_to)),
    CONSTRAINT inspection_record_charged CHECK ((((status)::text = 'APPROVED'::text) = (charge_id IS NOT NULL))),
    CONSTRAINT inspection_record_kind CHECK (((kind)::text = ANY ((ARRAY['THEFT'::character varying, 'TAMPERING'::character varying, 'UNMETERED'::character varying, 'WRONG_METER'::character varying])::text[]))),
    CONSTRAINT inspection_record_method CHECK (((method)::text = ANY ((ARRAY['WIRE'::character varying, 'APPLIANCES'::character varying, 'MEASURED'::character varying])::text[]))),
    CONSTRAINT inspection_record_period_rises CHECK ((period_to > period_from)),
    CONSTRAINT inspection_record_status CHECK (((status)::text = ANY ((ARRAY['ASKED'::character varying, 'APPROVED'::character varying, 'REFUSED'::character varying])::text[])))
);

ALTER TABLE ONLY public.inspection_record FORCE ROW LEVEL SECURITY;

ALTER TABLE public.inspection_record ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inspection_record_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.job_event (
    id bigint NOT NULL,
    job_run_id bigint NOT NULL,
    happened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    message text NOT NULL,
    parameters jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE ONLY public.job_event FORCE ROW LEVEL SECURITY;

ALTER TABLE public.job_event ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.job_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.job_run (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    status character varying(24) DEFAULT 'QUEUED'::character varying NOT NULL,
    subject_id bigint,
    parameters jsonb DEFAULT '{}'::jsonb NOT NULL,
    checkpoint jsonb DEFAULT '{}'::jsonb NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    total integer DEFAULT 0 NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    started_at timestamp with time zone,
    seen_at timestamp with time zone,
    finished_at timestamp with time zone,
    error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT job_run_kind CHECK (((kind)::text = ANY ((ARRAY['READING_CHECK'::character varying, 'READING_ACCEPT'::character varying, 'BILL_PREVIEW'::character varying, 'BILL_POST'::character varying, 'DIVISION_IMPORT'::character varying, 'NOTICE_SEND'::character varying, 'REFERENCE_IMPORT'::character varying, 'BILL_PRINT'::character varying, 'INVOICE_ISSUE'::character varying, 'ACT_PRINT'::character varying, 'PENALTY_PREVIEW'::character varying, 'PENALTY_ACCRUAL'::character varying, 'SUBSIDY_IMPORT'::character varying, 'BILL_CORRECTION'::character varying, 'SHADOW_RUN'::character varying, 'REGISTRY_LOAD'::character varying, 'RECONCILE'::character varying, 'LEDGER_VERIFY'::character varying, 'NODE_RESUME'::character varying, 'HELD_DECISION'::character varying])::text[]))),
    CONSTRAINT job_run_status CHECK (((status)::text = ANY ((ARRAY['QUEUED'::character varying, 'RUNNING'::character varying, 'DONE'::character varying, 'FAILED'::character varying, 'CANCELLED'::character varying, 'PARTLY'::character varying, 'REFUSED'::character varying])::text[])))
);

ALTER TABLE ONLY public.job_run FORCE ROW LEVEL SECURITY;

ALTER TABLE public.job_run ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.job_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ledger_entry (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    debit character varying(24) NOT NULL,
    credit character varying(24) NOT NULL,
    amount_tiyin bigint NOT NULL,
    posted_on date NOT NULL,
    billing_month date NOT NULL,
    document_kind character varying(24) NOT NULL,
    document_id bigint NOT NULL,
    reverses_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    document_month date NOT NULL,
    CONSTRAINT ledger_entry_amount_positive CHECK ((amount_tiyin > 0)),
    CONSTRAINT ledger_entry_credit CHECK (((credit)::text = ANY ((ARRAY['RECEIVABLE'::character varying, 'ADVANCE'::character varying, 'REVENUE'::character varying, 'VAT'::character varying, 'CASH'::character varying, 'PROVIDER'::character varying])::text[]))),
    CONSTRAINT ledger_entry_debit CHECK (((debit)::text = ANY ((ARRAY['RECEIVABLE'::character varying, 'ADVANCE'::character varying, 'REVENUE'::character varying, 'VAT'::character varying, 'CASH'::character varying, 'PROVIDER'::character varying])::text[]))),
    CONSTRAINT ledger_entry_document_kind CHECK (((document_kind)::text = ANY ((ARRAY['BILL'::character varying, 'PAYMENT'::character varying, 'PAYMENT_REVERSAL'::character varying, 'ADVANCE_USE'::character varying, 'BILL_CANCELLATION'::character varying, 'ADJUSTMENT'::character varying])::text[]))),
    CONSTRAINT ledger_entry_moves CHECK (((debit)::text <> (credit)::text))
);

ALTER TABLE ONLY public.ledger_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE public.ledger_entry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ledger_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.limit_use (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    code character varying(64) NOT NULL,
    account_id bigint,
    used_on date NOT NULL,
    amount_tiyin bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT limit_use_amount_positive CHECK ((amount_tiyin > 0))
);

ALTER TABLE ONLY public.limit_use FORCE ROW LEVEL SECURITY;

ALTER TABLE public.limit_use ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.limit_use_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.mahalla (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date
);

ALTER TABLE ONLY public.mahalla FORCE ROW LEVEL SECURITY;

ALTER TABLE public.mahalla ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mahalla_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.maintenance (
    id smallint DEFAULT 1 NOT NULL,
    message character varying(300) DEFAULT ''::character varying NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT maintenance_once CHECK ((id = 1))
);

CREATE TABLE public.meter (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    model_id bigint CONSTRAINT meter_model_id_not_null1 NOT NULL,
    serial_number character varying(32) NOT NULL,
    made_in_year smallint,
    verified_to date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    is_double boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.meter FORCE ROW LEVEL SECURITY;

CREATE TABLE public.meter_data_source (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    name character varying(200) NOT NULL,
    source character varying(24) NOT NULL,
    login character varying(64) NOT NULL,
    key_sha256 character varying(64) DEFAULT ''::character varying NOT NULL,
    networks character varying(1000) DEFAULT ''::character varying NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT meter_data_source_key CHECK (((NOT is_active) OR ((key_sha256)::text <> ''::text))),
    CONSTRAINT meter_data_source_kind CHECK (((source)::text = ANY ((ARRAY['TELEMETRY'::character varying, 'CONTROLLER'::character varying])::text[]))),
    CONSTRAINT meter_data_source_source CHECK (((source)::text = ANY ((ARRAY['CONTROLLER'::character varying, 'OFFICE'::character varying, 'FILE'::character varying, 'PORTAL'::character varying, 'TELEMETRY'::character varying])::text[])))
);

ALTER TABLE ONLY public.meter_data_source FORCE ROW LEVEL SECURITY;

ALTER TABLE public.meter_data_source ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.meter_data_source_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.meter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.meter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.meter_installation (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    meter_id bigint NOT NULL,
    service_point_id bigint NOT NULL,
    ct_primary integer DEFAULT 1 NOT NULL,
    ct_secondary integer DEFAULT 1 NOT NULL,
    vt_primary integer DEFAULT 1 NOT NULL,
    vt_secondary integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT meter_installation_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from))),
    CONSTRAINT meter_installation_ratios CHECK ((LEAST(ct_primary, ct_secondary, vt_primary, vt_secondary) > 0))
);

ALTER TABLE ONLY public.meter_installation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.meter_installation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.meter_installation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.meter_model (
    id bigint NOT NULL,
    name character varying(200) NOT NULL,
    resource_id bigint NOT NULL,
    phases smallint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date
);

ALTER TABLE public.meter_model ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.meter_model_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.node (
    id bigint NOT NULL,
    number smallint NOT NULL,
    name character varying(200) NOT NULL,
    division_id bigint NOT NULL,
    public_key character varying(64) NOT NULL,
    is_linked boolean NOT NULL,
    dropped_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT node_number CHECK (((number >= 0) AND (number <= 8191)))
);

ALTER TABLE ONLY public.node FORCE ROW LEVEL SECURITY;

ALTER TABLE public.node ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.node_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.node_setting (
    id smallint DEFAULT 1 NOT NULL,
    number smallint NOT NULL,
    CONSTRAINT node_setting_one_row CHECK ((id = 1))
);

CREATE TABLE public.node_state (
    number smallint NOT NULL,
    division_id bigint NOT NULL,
    reference_release bigint NOT NULL,
    waiting_bytes bigint NOT NULL,
    conflicts integer NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.node_state FORCE ROW LEVEL SECURITY;

CREATE TABLE public.notice (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint,
    phone character varying(13),
    text text NOT NULL,
    status character varying(24) DEFAULT 'QUEUED'::character varying NOT NULL,
    sent_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    user_id integer,
    kind character varying(24) NOT NULL,
    channel character varying(24) NOT NULL,
    email character varying(320),
    subject character varying(200),
    expires_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    provider character varying(24),
    provider_reference character varying(200),
    problem character varying(24),
    detail character varying(300),
    decided_by character varying(64),
    decided_at timestamp with time zone,
    CONSTRAINT notice_address CHECK (((((channel)::text = 'SMS'::text) = (phone IS NOT NULL)) AND (((channel)::text = 'EMAIL'::text) = ((email IS NOT NULL) AND (subject IS NOT NULL))))),
    CONSTRAINT notice_channel CHECK (((channel)::text = ANY ((ARRAY['SMS'::character varying, 'EMAIL'::character varying])::text[]))),
    CONSTRAINT notice_kind CHECK (((kind)::text = ANY ((ARRAY['PORTAL_CODE'::character varying, 'MESSAGE'::character varying, 'STAFF_PASSWORD'::character varying])::text[]))),
    CONSTRAINT notice_problem CHECK (((problem)::text = ANY ((ARRAY['NO_CONNECTION'::character varying, 'WRONG_CREDENTIALS'::character varying, 'BUSY'::character varying, 'REFUSED'::character varying, 'NO_ANSWER'::character varying, 'UNREADABLE_ANSWER'::character varying, 'WORKER_ENDED'::character varying])::text[]))),
    CONSTRAINT notice_recipient CHECK ((num_nonnulls(account_id, user_id) = 1)),
    CONSTRAINT notice_status CHECK (((status)::text = ANY ((ARRAY['QUEUED'::character varying, 'SENT'::character varying, 'FAILED'::character varying, 'SENDING'::character varying, 'IN_DOUBT'::character varying, 'EXPIRED'::character varying])::text[])))
);

ALTER TABLE ONLY public.notice FORCE ROW LEVEL SECURITY;

CREATE TABLE public.notice_attempt (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    notice_id bigint NOT NULL,
    number smallint NOT NULL,
    job_run_id bigint NOT NULL,
    provider character varying(24) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    outcome character varying(24),
    problem character varying(24),
    detail character varying(300),
    CONSTRAINT notice_attempt_outcome CHECK (((outcome)::text = ANY ((ARRAY['SENT'::character varying, 'REFUSED'::character varying, 'NOT_SENT'::character varying, 'UNKNOWN'::character varying])::text[]))),
    CONSTRAINT notice_attempt_problem CHECK (((problem)::text = ANY ((ARRAY['NO_CONNECTION'::character varying, 'WRONG_CREDENTIALS'::character varying, 'BUSY'::character varying, 'REFUSED'::character varying, 'NO_ANSWER'::character varying, 'UNREADABLE_ANSWER'::character varying, 'WORKER_ENDED'::character varying])::text[])))
);

ALTER TABLE ONLY public.notice_attempt FORCE ROW LEVEL SECURITY;

ALTER TABLE public.notice_attempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notice_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.notice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.notice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.operating_parameter (
    id bigint NOT NULL,
    code character varying(64) NOT NULL,
    valid_from date NOT NULL,
    value character varying(200) NOT NULL,
    source character varying(300),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE public.operating_parameter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.operating_parameter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.paper_print (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    document_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT paper_print_kind CHECK (((kind)::text = ANY ((ARRAY['BILL'::character varying, 'RECEIPT'::character varying, 'TAX_INVOICE'::character varying, 'STATEMENT'::character varying])::text[])))
);

ALTER TABLE ONLY public.paper_print FORCE ROW LEVEL SECURITY;

ALTER TABLE public.paper_print ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.paper_print_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payment (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    channel character varying(24) NOT NULL,
    reference character varying(80) NOT NULL,
    contents_sha256 character varying(64) NOT NULL,
    amount_tiyin bigint NOT NULL,
    received_on date NOT NULL,
    reverses_id bigint,
    tender_id bigint,
    reason character varying(300),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT payment_amount_positive CHECK ((amount_tiyin > 0)),
    CONSTRAINT payment_channel CHECK (((channel)::text = ANY ((ARRAY['CASHIER'::character varying, 'PAYME'::character varying, 'BANK'::character varying, 'POST'::character varying, 'PAYNET'::character varying, 'CLICK'::character varying, 'UZUM'::character varying, 'SMS'::character varying])::text[])))
);

ALTER TABLE ONLY public.payment FORCE ROW LEVEL SECURITY;

CREATE TABLE public.payment_block (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    creditor character varying(200) NOT NULL,
    basis character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT payment_block_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.payment_block FORCE ROW LEVEL SECURITY;

ALTER TABLE public.payment_block ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payment_block_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payment_contract (
    id bigint NOT NULL,
    channel character varying(24) NOT NULL,
    name character varying(200) NOT NULL,
    merchant_number character varying(64) NOT NULL,
    key_sha256 character varying(64) DEFAULT ''::character varying NOT NULL,
    smallest_tiyin bigint DEFAULT 50000 NOT NULL,
    largest_tiyin bigint DEFAULT 300000000 NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    service_number character varying(64) DEFAULT ''::character varying NOT NULL,
    login character varying(64) DEFAULT ''::character varying NOT NULL,
    secret character varying(200),
    networks character varying(1000) DEFAULT ''::character varying NOT NULL,
    commission_percent numeric(6,3) DEFAULT 0 NOT NULL,
    is_stopped boolean DEFAULT false NOT NULL,
    unknown_transaction character varying(24) DEFAULT 'STATE_3'::character varying NOT NULL,
    repeated_cancel character varying(24) DEFAULT 'SAME_ANSWER'::character varying NOT NULL,
    repeated_payment character varying(24) DEFAULT 'REFUSED'::character varying NOT NULL,
    cancel_days integer DEFAULT 30 NOT NULL,
    ask_url character varying(200) DEFAULT ''::character varying NOT NULL,
    ask_login character varying(64) DEFAULT ''::character varying NOT NULL,
    CONSTRAINT payment_contract_ask_url CHECK ((((ask_url)::text = ''::text) OR ((ask_url)::text ~ '^https?://[^/?#]+/([^?#]*/)?$'::text))),
    CONSTRAINT payment_contract_cancel_days CHECK ((cancel_days >= 0)),
    CONSTRAINT payment_contract_channel CHECK (((channel)::text = ANY ((ARRAY['CASHIER'::character varying, 'PAYME'::character varying, 'BANK'::character varying, 'POST'::character varying, 'PAYNET'::character varying, 'CLICK'::character varying, 'UZUM'::character varying, 'SMS'::character varying])::text[]))),
    CONSTRAINT payment_contract_commission CHECK (((commission_percent >= (0)::numeric) AND (commission_percent <= (100)::numeric))),
    CONSTRAINT payment_contract_limits CHECK (((smallest_tiyin > 0) AND (largest_tiyin >= smallest_tiyin))),
    CONSTRAINT payment_contract_repeated_cancel CHECK (((repeated_cancel)::text = ANY ((ARRAY['SAME_ANSWER'::character varying, 'REFUSED'::character varying])::text[]))),
    CONSTRAINT payment_contract_repeated_payment CHECK (((repeated_payment)::text = ANY ((ARRAY['SAME_ANSWER'::character varying, 'REFUSED'::character varying])::text[]))),
    CONSTRAINT payment_contract_unknown_transaction CHECK (((unknown_transaction)::text = ANY ((ARRAY['STATE_3'::character varying, 'NOT_FOUND'::character varying, 'UNKNOWN_ERROR'::character varying])::text[])))
);

ALTER TABLE public.payment_contract ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payment_contract_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.payment_control (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    payment_contract_id bigint,
    cashier character varying(64),
    business_day date NOT NULL,
    name character varying(200) DEFAULT ''::character varying NOT NULL,
    stored_file_id bigint,
    file_sha256 character varying(64),
    status character varying(24) DEFAULT 'OPEN'::character varying NOT NULL,
    registry_profile_id bigint,
    registry_number character varying(64),
    received integer DEFAULT 0 NOT NULL,
    accepted integer DEFAULT 0 NOT NULL,
    suspense integer DEFAULT 0 NOT NULL,
    repeated integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    tenders integer DEFAULT 0 NOT NULL,
    received_tiyin bigint DEFAULT 0 NOT NULL,
    counted_tiyin bigint,
    counted_by character varying(64),
    closed_by character varying(64),
    closed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    file_times integer DEFAULT 0 NOT NULL,
    held integer DEFAULT 0 NOT NULL,
    left_out integer DEFAULT 0 NOT NULL,
    rows_tiyin bigint DEFAULT 0 NOT NULL,
    accepted_tiyin bigint DEFAULT 0 NOT NULL,
    suspense_tiyin bigint DEFAULT 0 NOT NULL,
    held_tiyin bigint DEFAULT 0 NOT NULL,
    repeated_tiyin bigint DEFAULT 0 NOT NULL,
    rejected_tiyin bigint DEFAULT 0 NOT NULL,
    left_out_tiyin bigint DEFAULT 0 NOT NULL,
    charges_tiyin bigint DEFAULT 0 NOT NULL,
    declared_rows integer,
    declared_tiyin bigint,
    CONSTRAINT payment_control_all_rows_counted CHECK (((received = (((((accepted + suspense) + held) + repeated) + rejected) + left_out)) AND (rows_tiyin = (((((accepted_tiyin + suspense_tiyin) + held_tiyin) + repeated_tiyin) + rejected_tiyin) + left_out_tiyin)))),
    CONSTRAINT payment_control_counted_before_closed CHECK ((((status)::text = ANY ((ARRAY['OPEN'::character varying, 'REFUSED'::character varying])::text[])) OR (counted_tiyin IS NOT NULL))),
    CONSTRAINT payment_control_decided_before_closed CHECK ((((status)::text <> 'CLOSED'::text) OR (held = 0))),
    CONSTRAINT payment_control_file CHECK ((((kind)::text = 'REGISTRY'::text) = (file_sha256 IS NOT NULL))),
    CONSTRAINT payment_control_holds_what_it_declares CHECK (((COALESCE(declared_rows, received) = received) AND (COALESCE(declared_tiyin, rows_tiyin) = rows_tiyin))),
    CONSTRAINT payment_control_kind CHECK (((kind)::text = ANY ((ARRAY['SHIFT'::character varying, 'REGISTRY'::character varying, 'GATEWAY_DAY'::character varying])::text[]))),
    CONSTRAINT payment_control_of_whom CHECK (((((kind)::text = 'SHIFT'::text) = (cashier IS NOT NULL)) AND (((kind)::text = 'SHIFT'::text) = (payment_contract_id IS NULL)))),
    CONSTRAINT payment_control_status CHECK (((status)::text = ANY ((ARRAY['OPEN'::character varying, 'COUNTED'::character varying, 'CLOSED'::character varying, 'REFUSED'::character varying])::text[])))
);

ALTER TABLE ONLY public.payment_control FORCE ROW LEVEL SECURITY;

ALTER TABLE public.payment_control ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payment_control_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.payment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.payment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.penalty (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    bill_id bigint NOT NULL,
    penalty_run_id bigint NOT NULL,
    charge_id bigint,
    period_to date NOT NULL,
    amount_tiyin bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT penalty_amount CHECK ((amount_tiyin <> 0))
);

ALTER TABLE ONLY public.penalty FORCE ROW LEVEL SECURITY;

CREATE TABLE public.penalty_hold (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    basis character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT penalty_hold_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.penalty_hold FORCE ROW LEVEL SECURITY;

ALTER TABLE public.penalty_hold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.penalty_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.penalty ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.penalty_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.penalty_run (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    period_from date NOT NULL,
    period_to date NOT NULL,
    status character varying(24) DEFAULT 'PREVIEWING'::character varying NOT NULL,
    preview jsonb DEFAULT '{}'::jsonb NOT NULL,
    accounts integer DEFAULT 0 NOT NULL,
    bills integer DEFAULT 0 NOT NULL,
    amount_tiyin bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    account_id bigint,
    CONSTRAINT penalty_run_period_rises CHECK ((period_to > period_from)),
    CONSTRAINT penalty_run_status CHECK (((status)::text = ANY ((ARRAY['PREVIEWING'::character varying, 'PREVIEWED'::character varying, 'POSTING'::character varying, 'POSTED'::character varying, 'CANCELLED'::character varying, 'FAILED'::character varying])::text[])))
);

ALTER TABLE ONLY public.penalty_run FORCE ROW LEVEL SECURITY;

ALTER TABLE public.penalty_run ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.penalty_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.portal_code (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint,
    code_sha256 character varying(64) NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    used_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    closed_at timestamp with time zone,
    asked_sha256 character varying(64) DEFAULT ''::character varying NOT NULL,
    address_sha256 character varying(64) DEFAULT ''::character varying NOT NULL,
    is_known boolean DEFAULT false NOT NULL
);

ALTER TABLE ONLY public.portal_code FORCE ROW LEVEL SECURITY;

ALTER TABLE public.portal_code ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.portal_code_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.post (
    id bigint NOT NULL,
    code character varying(32) NOT NULL,
    name character varying(200) NOT NULL,
    name_uz_cyrl character varying(200),
    name_ru character varying(200),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE public.post ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.post_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.prepaid_volume (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    tariff_version_id bigint NOT NULL,
    quantity_milli bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    basis character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT prepaid_volume_period_rises CHECK ((valid_to > valid_from)),
    CONSTRAINT prepaid_volume_quantity CHECK ((quantity_milli > 0))
);

ALTER TABLE ONLY public.prepaid_volume FORCE ROW LEVEL SECURITY;

ALTER TABLE public.prepaid_volume ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.prepaid_volume_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.prepaid_withdrawal (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    prepaid_volume_id bigint NOT NULL,
    valid_to date NOT NULL,
    basis character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE ONLY public.prepaid_withdrawal FORCE ROW LEVEL SECURITY;

ALTER TABLE public.prepaid_withdrawal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.prepaid_withdrawal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.reading ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reading_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reading_import (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    stored_file_id bigint NOT NULL,
    status character varying(24) DEFAULT 'RECEIVED'::character varying NOT NULL,
    received integer DEFAULT 0 NOT NULL,
    accepted integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    problem jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    unread_sheets jsonb DEFAULT '[]'::jsonb NOT NULL,
    meter_data_source_id bigint,
    idempotency_key character varying(64),
    reply text,
    CONSTRAINT reading_import_counts CHECK ((((status)::text <> 'ACCEPTED'::text) OR ((accepted + rejected) = received))),
    CONSTRAINT reading_import_of_a_source CHECK ((((meter_data_source_id IS NULL) = (idempotency_key IS NULL)) AND ((meter_data_source_id IS NULL) OR (reply IS NOT NULL)))),
    CONSTRAINT reading_import_status CHECK (((status)::text = ANY ((ARRAY['RECEIVED'::character varying, 'CHECKED'::character varying, 'ACCEPTED'::character varying, 'REFUSED'::character varying, 'DISCARDED'::character varying])::text[])))
);

ALTER TABLE ONLY public.reading_import FORCE ROW LEVEL SECURITY;

ALTER TABLE public.reading_import ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reading_import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reading_import_row (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    reading_import_id bigint NOT NULL,
    row_no integer NOT NULL,
    account_number character varying(64) NOT NULL,
    meter_number character varying(64) NOT NULL,
    read_on character varying(64) NOT NULL,
    dial character varying(64) NOT NULL,
    status character varying(24) NOT NULL,
    problem character varying(32),
    "column" character varying(32),
    doubt character varying(32),
    quantity_milli bigint,
    reading_id bigint,
    register character varying(64) DEFAULT ''::character varying NOT NULL,
    about jsonb,
    account_id bigint,
    meter_installation_id bigint,
    register_id bigint,
    day date,
    CONSTRAINT reading_import_row_status CHECK (((status)::text = ANY ((ARRAY['GOOD'::character varying, 'ACCEPTED'::character varying, 'REJECTED'::character varying])::text[])))
);

ALTER TABLE ONLY public.reading_import_row FORCE ROW LEVEL SECURITY;

ALTER TABLE public.reading_import_row ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reading_import_row_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    payment_contract_id bigint NOT NULL,
    business_day date NOT NULL,
    equal_rows integer DEFAULT 0 NOT NULL,
    equal_tiyin bigint DEFAULT 0 NOT NULL,
    only_theirs_rows integer DEFAULT 0 NOT NULL,
    only_theirs_tiyin bigint DEFAULT 0 NOT NULL,
    only_ours_rows integer DEFAULT 0 NOT NULL,
    only_ours_tiyin bigint DEFAULT 0 NOT NULL,
    in_doubt_rows integer DEFAULT 0 NOT NULL,
    in_doubt_tiyin bigint DEFAULT 0 NOT NULL,
    theirs_tiyin bigint DEFAULT 0 NOT NULL,
    ours_tiyin bigint DEFAULT 0 NOT NULL,
    ledger_tiyin bigint DEFAULT 0 NOT NULL,
    expected_tiyin bigint DEFAULT 0 NOT NULL,
    bank_tiyin bigint,
    compared_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE ONLY public.reconciliation FORCE ROW LEVEL SECURITY;

ALTER TABLE public.reconciliation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_row (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    payment_contract_id bigint NOT NULL,
    business_day date NOT NULL,
    reference character varying(64) NOT NULL,
    verdict character varying(24) NOT NULL,
    doubt_reason character varying(24),
    their_state character varying(24),
    theirs_tiyin bigint,
    our_status character varying(24),
    ours_tiyin bigint,
    ledger_tiyin bigint DEFAULT 0 NOT NULL,
    status character varying(24) DEFAULT 'WAITS'::character varying NOT NULL,
    appeared_at timestamp with time zone NOT NULL,
    asked_times integer DEFAULT 0 NOT NULL,
    next_ask_at timestamp with time zone,
    answer character varying(200) DEFAULT ''::character varying NOT NULL,
    decision character varying(24),
    decided_by character varying(64),
    decided_at timestamp with time zone,
    remark character varying(300),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT reconciliation_row_asked CHECK ((((status)::text = 'WAITS'::text) = (next_ask_at IS NOT NULL))),
    CONSTRAINT reconciliation_row_decided CHECK ((((status)::text = 'DECIDED'::text) = ((decision IS NOT NULL) AND (decided_by IS NOT NULL) AND (decided_at IS NOT NULL)))),
    CONSTRAINT reconciliation_row_decision CHECK (((decision)::text = ANY ((ARRAY['OURS_HOLDS'::character varying, 'THEIRS_HOLDS'::character varying, 'BOTH_WRONG'::character varying])::text[]))),
    CONSTRAINT reconciliation_row_doubt_reason CHECK (((doubt_reason)::text = ANY ((ARRAY['PENDING'::character varying, 'AMOUNT'::character varying, 'STATE'::character varying, 'NOT_CREDITED'::character varying, 'NOT_UNDONE'::character varying])::text[]))),
    CONSTRAINT reconciliation_row_doubted CHECK ((((verdict)::text = 'IN_DOUBT'::text) = (doubt_reason IS NOT NULL))),
    CONSTRAINT reconciliation_row_our_status CHECK (((our_status)::text = ANY ((ARRAY['CREATED'::character varying, 'PERFORMED'::character varying, 'CANCELLED'::character varying, 'REVERSED'::character varying])::text[]))),
    CONSTRAINT reconciliation_row_status CHECK (((status)::text = ANY ((ARRAY['WAITS'::character varying, 'NEEDS_PERSON'::character varying, 'SETTLED'::character varying, 'DECIDED'::character varying])::text[]))),
    CONSTRAINT reconciliation_row_their_state CHECK (((their_state)::text = ANY ((ARRAY['PENDING'::character varying, 'PERFORMED'::character varying, 'CANCELLED'::character varying])::text[]))),
    CONSTRAINT reconciliation_row_verdict CHECK (((verdict)::text = ANY ((ARRAY['EQUAL'::character varying, 'ONLY_THEIRS'::character varying, 'ONLY_OURS'::character varying, 'IN_DOUBT'::character varying])::text[])))
);

ALTER TABLE ONLY public.reconciliation_row FORCE ROW LEVEL SECURITY;

ALTER TABLE public.reconciliation_row ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reconciliation_row_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reference_change (
    id bigint NOT NULL,
    approval_id bigint NOT NULL,
    division_id bigint NOT NULL,
    table_name character varying(64) NOT NULL,
    row_id bigint,
    kind character varying(24) NOT NULL,
    status character varying(24) DEFAULT 'DRAFT'::character varying NOT NULL,
    valid_from date NOT NULL,
    before jsonb,
    contents jsonb NOT NULL,
    in_force_at timestamp with time zone,
    problem character varying(300),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT reference_change_kind CHECK (((kind)::text = ANY ((ARRAY['ADD'::character varying, 'CHANGE'::character varying, 'RETIRE'::character varying])::text[]))),
    CONSTRAINT reference_change_status CHECK (((status)::text = ANY ((ARRAY['DRAFT'::character varying, 'APPROVED'::character varying, 'IN_FORCE'::character varying, 'RETIRED'::character varying, 'REFUSED'::character varying, 'WITHDRAWN'::character varying])::text[])))
);

ALTER TABLE ONLY public.reference_change FORCE ROW LEVEL SECURITY;

ALTER TABLE public.reference_change ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reference_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reference_release (
    number bigint NOT NULL,
    released_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    released_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

CREATE TABLE public.reference_version (
    id bigint NOT NULL,
    table_name character varying(64) NOT NULL,
    row_id bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    contents jsonb NOT NULL,
    change_id bigint,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    recorded_by character varying(64) NOT NULL
);

ALTER TABLE public.reference_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.reference_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.register (
    id bigint NOT NULL,
    meter_id bigint NOT NULL,
    code character varying(16) DEFAULT 'TOTAL'::character varying NOT NULL,
    digits smallint NOT NULL,
    decimals smallint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT register_decimals CHECK (((decimals >= 0) AND (decimals <= 3))),
    CONSTRAINT register_digits CHECK (((digits >= 3) AND (digits <= 9)))
);

ALTER TABLE ONLY public.register FORCE ROW LEVEL SECURITY;

ALTER TABLE public.register ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.register_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.registry_held (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    payment_contract_id bigint NOT NULL,
    payment_control_id bigint NOT NULL,
    row_no integer NOT NULL,
    repeat_key character varying(64) NOT NULL,
    reason character varying(24) NOT NULL,
    account_number character varying(64) NOT NULL,
    amount_tiyin bigint NOT NULL,
    paid_on date,
    payer character varying(200),
    phone character varying(32),
    purpose character varying(500),
    twin_control_id bigint,
    twin_file character varying(200),
    twin_row_no integer,
    twin_on date,
    twin_account_number character varying(64),
    twin_amount_tiyin bigint,
    twin_loaded_by character varying(64),
    twin_loaded_at timestamp with time zone,
    status character varying(24) DEFAULT 'WAITING'::character varying NOT NULL,
    approval_id bigint,
    job_run_id bigint,
    decided_by character varying(64),
    decided_at timestamp with time zone,
    basis character varying(300),
    tender_id bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT registry_held_accepted CHECK ((((status)::text = 'ACCEPTED'::text) = (tender_id IS NOT NULL))),
    CONSTRAINT registry_held_amount_positive CHECK ((amount_tiyin > 0)),
    CONSTRAINT registry_held_decided CHECK ((((status)::text = ANY ((ARRAY['WAITING'::character varying, 'ASKED'::character varying])::text[])) = (decided_by IS NULL))),
    CONSTRAINT registry_held_reason CHECK (((reason)::text = ANY ((ARRAY['OTHER_FILE'::character varying, 'SAME_FILE'::character varying, 'FUTURE'::character varying])::text[]))),
    CONSTRAINT registry_held_status CHECK (((status)::text = ANY ((ARRAY['WAITING'::character varying, 'ASKED'::character varying, 'ACCEPTED'::character varying, 'REPEATED'::character varying, 'REJECTED'::character varying])::text[])))
);

ALTER TABLE ONLY public.registry_held FORCE ROW LEVEL SECURITY;

ALTER TABLE public.registry_held ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_held_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.registry_problem (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    payment_control_id bigint NOT NULL,
    row_no integer NOT NULL,
    reference character varying(64),
    account_number character varying(64),
    amount_tiyin bigint,
    problem character varying(24) NOT NULL,
    column_name character varying(64),
    value character varying(100),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT registry_problem_problem CHECK (((problem)::text = ANY ((ARRAY['BAD_AMOUNT'::character varying, 'ZERO_AMOUNT'::character varying, 'AMOUNT_TOO_LARGE'::character varying, 'BAD_DATE'::character varying, 'NO_REFERENCE'::character varying, 'TOO_FEW_COLUMNS'::character varying, 'TEXT_TOO_LONG'::character varying, 'OTHER_CONTENTS'::character varying, 'TAKEN_BACK'::character varying, 'OUTGOING'::character varying, 'NOT_BOOKED'::character varying, 'PAYMENT_RETURNED'::character varying, 'OTHER_CURRENCY'::character varying, 'OWN_TRANSFER'::character varying, 'BANK_CHARGE'::character varying, 'TOO_MANY_DECIMALS'::character varying, 'ERROR_CELL'::character varying, 'LONG_NUMBER'::character varying, 'EXTRA_CELLS'::character varying, 'BAD_QUOTES'::character varying])::text[])))
);

ALTER TABLE ONLY public.registry_problem FORCE ROW LEVEL SECURITY;

ALTER TABLE public.registry_problem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_problem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.registry_profile (
    id bigint NOT NULL,
    payment_contract_id bigint NOT NULL,
    name character varying(200) NOT NULL,
    layout jsonb NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE public.registry_profile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_profile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.resource (
    id bigint NOT NULL,
    code character varying(32) NOT NULL,
    name character varying(200) NOT NULL,
    unit character varying(16) NOT NULL,
    quantum_milli bigint DEFAULT 1000 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date,
    catalog_code character varying(17),
    measure_code character varying(8),
    CONSTRAINT resource_catalog_code CHECK (((catalog_code)::text ~ '^[0-9]{17}$'::text)),
    CONSTRAINT resource_measure_code CHECK (((measure_code)::text ~ '^[0-9]{1,8}$'::text)),
    CONSTRAINT resource_quantum_positive CHECK ((quantum_milli > 0))
);

ALTER TABLE public.resource ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.resource_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.row_version (
    id bigint NOT NULL,
    division_id bigint,
    table_name character varying(64) NOT NULL,
    row_id bigint NOT NULL,
    superseded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    contents jsonb NOT NULL
);

ALTER TABLE ONLY public.row_version FORCE ROW LEVEL SECURITY;

ALTER TABLE public.row_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.row_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.service_point (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    resource_id bigint NOT NULL,
    street_id bigint NOT NULL,
    house character varying(16) NOT NULL,
    flat character varying(16),
    capacity_milli bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    cadastre_number character varying(64),
    heating character varying(24),
    stove character varying(24),
    CONSTRAINT service_point_cadastre_number CHECK (((cadastre_number)::text ~ '^[0-9][0-9:/.-]*[0-9]$'::text)),
    CONSTRAINT service_point_capacity CHECK (((capacity_milli >= 1) AND (capacity_milli <= '10000000000'::bigint))),
    CONSTRAINT service_point_heating CHECK (((heating)::text = ANY ((ARRAY['CENTRAL'::character varying, 'GAS'::character varying, 'ELECTRIC'::character varying, 'SOLID_FUEL'::character varying, 'NONE'::character varying])::text[]))),
    CONSTRAINT service_point_stove CHECK (((stove)::text = ANY ((ARRAY['GAS'::character varying, 'ELECTRIC'::character varying, 'NONE'::character varying])::text[])))
);

ALTER TABLE ONLY public.service_point FORCE ROW LEVEL SECURITY;

ALTER TABLE public.service_point ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.service_point_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.shadow_result (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    shadow_run_id bigint NOT NULL,
    tariff_group_id bigint NOT NULL,
    component character varying(24) NOT NULL,
    zone character varying(16) NOT NULL,
    block_no integer NOT NULL,
    bills integer NOT NULL,
    quantity_now_milli bigint NOT NULL,
    quantity_proposed_milli bigint NOT NULL,
    amount_now_tiyin bigint NOT NULL,
    amount_proposed_tiyin bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE ONLY public.shadow_result FORCE ROW LEVEL SECURITY;

ALTER TABLE public.shadow_result ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.shadow_result_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.shadow_run (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    billing_month date NOT NULL,
    tariff_id bigint NOT NULL,
    blocks character varying(1000) NOT NULL,
    status character varying(24) DEFAULT 'PREVIEWING'::character varying NOT NULL,
    bills integer DEFAULT 0 NOT NULL,
    left_out integer DEFAULT 0 NOT NULL,
    amount_now_tiyin bigint DEFAULT 0 NOT NULL,
    amount_proposed_tiyin bigint DEFAULT 0 NOT NULL,
    largest jsonb DEFAULT '[]'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT shadow_run_month CHECK ((EXTRACT(day FROM billing_month) = (1)::numeric)),
    CONSTRAINT shadow_run_status CHECK (((status)::text = ANY ((ARRAY['PREVIEWING'::character varying, 'PREVIEWED'::character varying, 'CANCELLED'::character varying, 'FAILED'::character varying, 'POSTING'::character varying, 'POSTED'::character varying])::text[])))
);

ALTER TABLE ONLY public.shadow_run FORCE ROW LEVEL SECURITY;

ALTER TABLE public.shadow_run ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.shadow_run_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.staff_member (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    department_id bigint NOT NULL,
    post_id bigint NOT NULL,
    user_id integer,
    name character varying(200) NOT NULL,
    personnel_number character varying(32) NOT NULL,
    phone character varying(20),
    valid_from date NOT NULL,
    valid_to date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT staff_member_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.staff_member FORCE ROW LEVEL SECURITY;

ALTER TABLE public.staff_member ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.staff_member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.statement_row (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    payment_contract_id bigint NOT NULL,
    source character varying(24) NOT NULL,
    business_day date NOT NULL,
    reference character varying(64) NOT NULL,
    amount_tiyin bigint NOT NULL,
    state character varying(24) NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT statement_row_amount_positive CHECK ((amount_tiyin > 0)),
    CONSTRAINT statement_row_source CHECK (((source)::text = ANY ((ARRAY['GATEWAY'::character varying, 'BANK'::character varying])::text[]))),
    CONSTRAINT statement_row_state CHECK (((state)::text = ANY ((ARRAY['PENDING'::character varying, 'PERFORMED'::character varying, 'CANCELLED'::character varying])::text[])))
);

ALTER TABLE ONLY public.statement_row FORCE ROW LEVEL SECURITY;

ALTER TABLE public.statement_row ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.statement_row_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.stored_file (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    name character varying(200) NOT NULL,
    media_type character varying(100) NOT NULL,
    sha256 character varying(64) NOT NULL,
    content bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE ONLY public.stored_file FORCE ROW LEVEL SECURITY;

ALTER TABLE public.stored_file ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stored_file_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.street (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    mahalla_id bigint,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date
);

ALTER TABLE ONLY public.street FORCE ROW LEVEL SECURITY;

ALTER TABLE public.street ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.street_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.subsidy (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    programme character varying(200) NOT NULL,
    billing_month date NOT NULL,
    amount_tiyin bigint NOT NULL,
    charge_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT subsidy_amount CHECK ((amount_tiyin > 0)),
    CONSTRAINT subsidy_month CHECK ((EXTRACT(day FROM billing_month) = (1)::numeric))
);

ALTER TABLE ONLY public.subsidy FORCE ROW LEVEL SECURITY;

ALTER TABLE public.subsidy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.subsidy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.substitution (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    absent_id bigint NOT NULL,
    substitute_id bigint NOT NULL,
    valid_from date NOT NULL,
    valid_to date NOT NULL,
    basis character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT substitution_of_another CHECK ((absent_id <> substitute_id)),
    CONSTRAINT substitution_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.substitution FORCE ROW LEVEL SECURITY;

ALTER TABLE public.substitution ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.substitution_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.supply (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    service_point_id bigint NOT NULL,
    tariff_group_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    begins_anew boolean DEFAULT false NOT NULL,
    CONSTRAINT supply_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE ONLY public.supply FORCE ROW LEVEL SECURITY;

ALTER TABLE public.supply ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.supply_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.supply_term (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    kind character varying(24) NOT NULL,
    value_milli bigint NOT NULL,
    passport jsonb,
    basis character varying(300) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT supply_term_kind CHECK (((kind)::text = ANY ((ARRAY['FAMILIES'::character varying, 'CONTRACT_LIMIT'::character varying, 'DEMAND'::character varying, 'TG_NORM'::character varying, 'LOSS_PERCENT'::character varying, 'LOSS_BOUNDARY'::character varying, 'UNMETERED_NORM'::character varying, 'ADVANCE_PERCENT'::character varying, 'RESIDENTS'::character varying, 'CAPACITY'::character varying])::text[]))),
    CONSTRAINT supply_term_passport CHECK ((((kind)::text = 'LOSS_BOUNDARY'::text) = (passport IS NOT NULL))),
    CONSTRAINT supply_term_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from))),
    CONSTRAINT supply_term_value CHECK (((value_milli >= 0) AND (value_milli <= '1000000000000'::bigint)))
);

ALTER TABLE ONLY public.supply_term FORCE ROW LEVEL SECURITY;

ALTER TABLE public.supply_term ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.supply_term_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sync_conflict (
    id bigint NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    subscription character varying(64) NOT NULL,
    subscription_id bigint NOT NULL,
    kind character varying(48) NOT NULL,
    count integer NOT NULL,
    total bigint NOT NULL,
    detail text,
    settled_at timestamp with time zone,
    settled_by character varying(64)
);

ALTER TABLE public.sync_conflict ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sync_conflict_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sync_counter (
    subscription_id bigint NOT NULL,
    kind character varying(48) NOT NULL,
    total bigint NOT NULL,
    read_at timestamp with time zone NOT NULL
);

CREATE TABLE public.sync_package (
    id bigint NOT NULL,
    number smallint NOT NULL,
    direction character varying(24) NOT NULL,
    kind character varying(24) NOT NULL,
    version bigint NOT NULL,
    sha256 character varying(64) NOT NULL,
    rows integer NOT NULL,
    acknowledged_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT sync_package_direction CHECK (((direction)::text = ANY ((ARRAY['SENT'::character varying, 'RECEIVED'::character varying])::text[]))),
    CONSTRAINT sync_package_kind CHECK (((kind)::text = ANY ((ARRAY['REFERENCE'::character varying, 'OPERATIONAL'::character varying, 'ACKNOWLEDGEMENT'::character varying])::text[])))
);

ALTER TABLE public.sync_package ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sync_package_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tariff (
    id bigint NOT NULL,
    resource_id bigint NOT NULL,
    tariff_group_id bigint NOT NULL,
    name character varying(200) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date
);

CREATE TABLE public.tariff_block (
    id bigint NOT NULL,
    version_id bigint NOT NULL,
    block_no smallint NOT NULL,
    upper_milli bigint,
    rate numeric(14,4) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    zone character varying(16) DEFAULT 'TOTAL'::character varying NOT NULL,
    CONSTRAINT tariff_block_rate_not_negative CHECK ((rate >= (0)::numeric)),
    CONSTRAINT tariff_block_upper_positive CHECK ((upper_milli > 0)),
    CONSTRAINT tariff_block_zone CHECK (((zone)::text = ANY ((ARRAY['TOTAL'::character varying, 'DAY'::character varying, 'HALF_PEAK'::character varying, 'PEAK'::character varying, 'NIGHT'::character varying, 'REACTIVE'::character varying, 'DEMAND'::character varying])::text[])))
);

ALTER TABLE public.tariff_block ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tariff_block_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tariff_group (
    id bigint NOT NULL,
    code character varying(32) NOT NULL,
    name character varying(200) NOT NULL,
    consumer_kind character varying(24) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    retired_on date,
    CONSTRAINT tariff_group_consumer_kind CHECK (((consumer_kind)::text = ANY ((ARRAY['HOUSEHOLD'::character varying, 'LEGAL'::character varying])::text[])))
);

ALTER TABLE public.tariff_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tariff_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE public.tariff ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tariff_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tariff_version (
    id bigint NOT NULL,
    tariff_id bigint NOT NULL,
    source character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    CONSTRAINT tariff_version_period_rises CHECK (((valid_to IS NULL) OR (valid_to > valid_from)))
);

ALTER TABLE public.tariff_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tariff_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tax_invoice (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    account_id bigint NOT NULL,
    bill_id bigint NOT NULL,
    year smallint NOT NULL,
    sequence_no integer NOT NULL,
    number character varying(32) NOT NULL,
    invoiced_on date NOT NULL,
    corrects_id bigint,
    amount_tiyin bigint NOT NULL,
    vat_tiyin bigint NOT NULL,
    contents text NOT NULL,
    contents_sha256 character varying(64) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT tax_invoice_sequence CHECK ((sequence_no > 0))
);

ALTER TABLE ONLY public.tax_invoice FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tax_invoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tax_invoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tender (
    id bigint NOT NULL,
    division_id bigint NOT NULL,
    payment_contract_id bigint NOT NULL,
    reference character varying(64) NOT NULL,
    account_id bigint,
    amount_tiyin bigint NOT NULL,
    status character varying(24) NOT NULL,
    provider_ms bigint NOT NULL,
    created_ms bigint NOT NULL,
    performed_ms bigint DEFAULT 0 NOT NULL,
    cancelled_ms bigint DEFAULT 0 NOT NULL,
    cancel_reason integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    account_number character varying(64) DEFAULT ''::character varying NOT NULL,
    payment_control_id bigint,
    received_on date,
    reversal_control_id bigint,
    waiting boolean DEFAULT false NOT NULL,
    payer character varying(200),
    phone character varying(32),
    purpose character varying(500),
    fiscal jsonb DEFAULT '{}'::jsonb NOT NULL,
    row_no integer,
    CONSTRAINT tender_amount_positive CHECK ((amount_tiyin > 0)),
    CONSTRAINT tender_performed_is_controlled CHECK ((((status)::text = ANY ((ARRAY['CREATED'::character varying, 'CANCELLED'::character varying])::text[])) OR ((payment_control_id IS NOT NULL) AND (received_on IS NOT NULL)))),
    CONSTRAINT tender_status CHECK (((status)::text = ANY ((ARRAY['CREATED'::character varying, 'PERFORMED'::character varying, 'CANCELLED'::character varying, 'REVERSED'::character varying])::text[])))
);

ALTER TABLE ONLY public.tender FORCE ROW LEVEL SECURITY;

ALTER TABLE public.tender ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.tender_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.totp_device (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    secret character varying(64) NOT NULL,
    confirmed_at timestamp with time zone NOT NULL,
    last_step bigint NOT NULL
);

ALTER TABLE public.totp_device ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.totp_device_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.translation (
    id bigint NOT NULL,
    language character varying(16) NOT NULL,
    message text NOT NULL,
    texts jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL
);

ALTER TABLE public.translation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.translation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.unkept_call (
    id bigint NOT NULL,
    day date NOT NULL,
    channel character varying(24) NOT NULL,
    reason character varying(24) NOT NULL,
    count bigint NOT NULL,
    CONSTRAINT unkept_call_channel CHECK (((channel)::text = ANY ((ARRAY['CASHIER'::character varying, 'PAYME'::character varying, 'BANK'::character varying, 'POST'::character varying, 'PAYNET'::character varying, 'CLICK'::character varying, 'UZUM'::character varying, 'SMS'::character varying])::text[]))),
    CONSTRAINT unkept_call_reason CHECK (((reason)::text = ANY ((ARRAY['WITHOUT_KEY'::character varying, 'TOO_MANY_WRONG_KEYS'::character varying])::text[])))
);

ALTER TABLE public.unkept_call ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.unkept_call_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.user_session (
    id bigint NOT NULL,
    token_hash character varying(64) NOT NULL,
    user_id integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    opened_at timestamp with time zone,
    seen_at timestamp with time zone NOT NULL,
    address character varying(64) NOT NULL,
    agent character varying(200) NOT NULL,
    wrong_codes smallint DEFAULT 0 NOT NULL,
    ended_at timestamp with time zone,
    ended_by character varying(64),
    end_reason character varying(24),
    totp_secret character varying(64),
    CONSTRAINT user_session_end_reason CHECK (((end_reason)::text = ANY ((ARRAY['LOGOUT'::character varying, 'ENDED'::character varying, 'PASSWORD'::character varying, 'RIGHTS'::character varying, 'DEACTIVATED'::character varying, 'EXPIRED'::character varying, 'WRONG_CODES'::character varying])::text[])))
);

ALTER TABLE public.user_session ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.user_session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.vat_rate (
    id bigint NOT NULL,
    valid_from date NOT NULL,
    percent numeric(5,2) NOT NULL,
    source character varying(300) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    created_by character varying(64) DEFAULT COALESCE(NULLIF(current_setting('app.actor'::text, true), ''::text), 'system'::text) NOT NULL,
    CONSTRAINT vat_rate_percent CHECK (((percent >= (0)::numeric) AND (percent <= (50)::numeric)))
);

ALTER TABLE public.vat_rate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.vat_rate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW report.account_balance WITH (security_invoker='false', security_barrier='true') AS
 SELECT account_id,
    division_id,
    billing_month,
    ((opening_tiyin)::numeric / 100.0) AS opening_som,
    ((charged_tiyin)::numeric / 100.0) AS charged_som,
    ((paid_tiyin)::numeric / 100.0) AS paid_som,
    ((adjusted_tiyin)::numeric / 100.0) AS adjusted_som,
    ((closing_tiyin)::numeric / 100.0) AS closing_som
   FROM public.account_balance;

CREATE VIEW report.bill WITH (security_invoker='false', security_barrier='true') AS
 SELECT b.id,
    b.division_id,
    b.account_id,
    a.number AS account_number,
    b.billing_month,
    b.period_from,
    b.period_to,
    b.quality,
    ((b.quantity_milli)::numeric / 1000.0) AS quantity,
    ((b.amount_tiyin)::numeric / 100.0) AS amount_som,
    ((b.vat_tiyin)::numeric / 100.0) AS vat_som,
    b.issued_on,
    b.due_on
   FROM (public.bill b
     JOIN public.account a ON ((a.id = b.account_id)));

CREATE VIEW report.payment WITH (security_invoker='false', security_barrier='true') AS
 SELECT p.id,
    p.division_id,
    p.account_id,
    a.number AS account_number,
    p.channel,
    p.reference,
    p.received_on,
    ((p.amount_tiyin)::numeric / 100.0) AS amount_som,
    p.reverses_id
   FROM (public.payment p
     JOIN public.account a ON ((a.id = p.account_id)));

ALTER TABLE ONLY public.audit_entry ATTACH PARTITION monthly.audit_entry_default DEFAULT;

ALTER TABLE ONLY public.gateway_call ATTACH PARTITION monthly.gateway_call_default DEFAULT;

ALTER TABLE ONLY public.ab_api_key ALTER COLUMN id SET DEFAULT nextval('public.ab_api_key_id_seq'::regclass);

ALTER TABLE ONLY public.ab_group ALTER COLUMN id SET DEFAULT nextval('public.ab_group_id_seq'::regclass);

ALTER TABLE ONLY public.ab_group_role ALTER COLUMN id SET DEFAULT nextval('public.ab_group_role_id_seq'::regclass);

ALTER TABLE ONLY public.ab_permission ALTER COLUMN id SET DEFAULT nextval('public.ab_permission_id_seq'::regclass);

ALTER TABLE ONLY public.ab_permission_view ALTER COLUMN id SET DEFAULT nextval('public.ab_permission_view_id_seq'::regclass);

ALTER TABLE ONLY public.ab_permission_view_role ALTER COLUMN id SET DEFAULT nextval('public.ab_permission_view_role_id_seq'::regclass);

ALTER TABLE ONLY public.ab_register_user ALTER COLUMN id SET DEFAULT nextval('public.ab_register_user_id_seq'::regclass);

ALTER TABLE ONLY public.ab_role ALTER COLUMN id SET DEFAULT nextval('public.ab_role_id_seq'::regclass);

ALTER TABLE ONLY public.ab_user ALTER COLUMN id SET DEFAULT nextval('public.ab_user_id_seq'::regclass);

ALTER TABLE ONLY public.ab_user_group ALTER COLUMN id SET DEFAULT nextval('public.ab_user_group_id_seq'::regclass);

ALTER TABLE ONLY public.ab_user_role ALTER COLUMN id SET DEFAULT nextval('public.ab_user_role_id_seq'::regclass);

ALTER TABLE ONLY public.ab_view_menu ALTER COLUMN id SET DEFAULT nextval('public.ab_view_menu_id_seq'::regclass);

ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (id, happened_at);

ALTER TABLE ONLY monthly.audit_entry_default
    ADD CONSTRAINT audit_entry_default_pkey PRIMARY KEY (id, happened_at);

ALTER TABLE ONLY public.gateway_call
    ADD CONSTRAINT gateway_call_pkey PRIMARY KEY (id, happened_at);

ALTER TABLE ONLY monthly.gateway_call_default
    ADD CONSTRAINT gateway_call_default_pkey PRIMARY KEY (id, happened_at);

ALTER TABLE ONLY public.ab_api_key
    ADD CONSTRAINT ab_api_key_lookup_hash_key UNIQUE (lookup_hash);

ALTER TABLE ONLY public.ab_api_key
    ADD CONSTRAINT ab_api_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_api_key
    ADD CONSTRAINT ab_api_key_uuid_key UNIQUE (uuid);

ALTER TABLE ONLY public.ab_group
    ADD CONSTRAINT ab_group_name_key UNIQUE (name);

ALTER TABLE ONLY public.ab_group
    ADD CONSTRAINT ab_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_group_role
    ADD CONSTRAINT ab_group_role_group_id_role_id_key UNIQUE (group_id, role_id);

ALTER TABLE ONLY public.ab_group_role
    ADD CONSTRAINT ab_group_role_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_permission
    ADD CONSTRAINT ab_permission_name_key UNIQUE (name);

ALTER TABLE ONLY public.ab_permission
    ADD CONSTRAINT ab_permission_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_permission_view
    ADD CONSTRAINT ab_permission_view_permission_id_view_menu_id_key UNIQUE (permission_id, view_menu_id);

ALTER TABLE ONLY public.ab_permission_view
    ADD CONSTRAINT ab_permission_view_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_permission_view_role
    ADD CONSTRAINT ab_permission_view_role_permission_view_id_role_id_key UNIQUE (permission_view_id, role_id);

ALTER TABLE ONLY public.ab_permission_view_role
    ADD CONSTRAINT ab_permission_view_role_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_register_user
    ADD CONSTRAINT ab_register_user_email_key UNIQUE (email);

ALTER TABLE ONLY public.ab_register_user
    ADD CONSTRAINT ab_register_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_register_user
    ADD CONSTRAINT ab_register_user_username_key UNIQUE (username);

ALTER TABLE ONLY public.ab_role
    ADD CONSTRAINT ab_role_name_key UNIQUE (name);

ALTER TABLE ONLY public.ab_role
    ADD CONSTRAINT ab_role_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_user
    ADD CONSTRAINT ab_user_email_key UNIQUE (email);

ALTER TABLE ONLY public.ab_user_group
    ADD CONSTRAINT ab_user_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_user_group
    ADD CONSTRAINT ab_user_group_user_id_group_id_key UNIQUE (user_id, group_id);

ALTER TABLE ONLY public.ab_user
    ADD CONSTRAINT ab_user_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_user_role
    ADD CONSTRAINT ab_user_role_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ab_user_role
    ADD CONSTRAINT ab_user_role_user_id_role_id_key UNIQUE (user_id, role_id);

ALTER TABLE ONLY public.ab_user
    ADD CONSTRAINT ab_user_username_key UNIQUE (username);

ALTER TABLE ONLY public.ab_view_menu
    ADD CONSTRAINT ab_view_menu_name_key UNIQUE (name);

ALTER TABLE ONLY public.ab_view_menu
    ADD CONSTRAINT ab_view_menu_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_balance
    ADD CONSTRAINT account_balance_pkey PRIMARY KEY (account_id, billing_month);

ALTER TABLE ONLY public.account_benefit
    ADD CONSTRAINT account_benefit_no_overlap EXCLUDE USING gist (account_id WITH =, benefit_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.account_benefit
    ADD CONSTRAINT account_benefit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_document
    ADD CONSTRAINT account_document_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_document
    ADD CONSTRAINT account_document_stored_file_id_key UNIQUE (stored_file_id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_number_key UNIQUE (number);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_position
    ADD CONSTRAINT account_position_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.account_statement
    ADD CONSTRAINT account_statement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.accounting_period
    ADD CONSTRAINT accounting_period_division_id_billing_month_key UNIQUE (division_id, billing_month);

ALTER TABLE ONLY public.accounting_period
    ADD CONSTRAINT accounting_period_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_reference_key UNIQUE (reference);

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_reference_key UNIQUE (reference);

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_reverses_id_key UNIQUE (reverses_id);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.allocation
    ADD CONSTRAINT allocation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_check
    ADD CONSTRAINT audit_check_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_pending
    ADD CONSTRAINT audit_pending_pkey PRIMARY KEY (audit_entry_id);

ALTER TABLE ONLY public.audit_seal
    ADD CONSTRAINT audit_seal_audit_entry_id_key UNIQUE (audit_entry_id);

ALTER TABLE ONLY public.audit_seal
    ADD CONSTRAINT audit_seal_pkey PRIMARY KEY (seq);

ALTER TABLE ONLY public.bank
    ADD CONSTRAINT bank_mfo_key UNIQUE (mfo);

ALTER TABLE ONLY public.bank
    ADD CONSTRAINT bank_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.benefit
    ADD CONSTRAINT benefit_code_key UNIQUE (code);

ALTER TABLE ONLY public.benefit
    ADD CONSTRAINT benefit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.bill_correction
    ADD CONSTRAINT bill_correction_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.bill_correction
    ADD CONSTRAINT bill_correction_reference_key UNIQUE (reference);

ALTER TABLE ONLY public.bill_exception
    ADD CONSTRAINT bill_exception_bill_run_id_account_id_reason_key UNIQUE (bill_run_id, account_id, reason);

ALTER TABLE ONLY public.bill_exception
    ADD CONSTRAINT bill_exception_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.bill_hold
    ADD CONSTRAINT bill_hold_account_id_billing_month_key UNIQUE (account_id, billing_month);

ALTER TABLE ONLY public.bill_hold
    ADD CONSTRAINT bill_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.bill_line
    ADD CONSTRAINT bill_line_pkey PRIMARY KEY (bill_id, line_no);

ALTER TABLE ONLY public.bill
    ADD CONSTRAINT bill_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.bill
    ADD CONSTRAINT bill_public_id_key UNIQUE (public_id);

ALTER TABLE ONLY public.bill_run
    ADD CONSTRAINT bill_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.billable_charge
    ADD CONSTRAINT billable_charge_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.billable_charge
    ADD CONSTRAINT billable_charge_reverses_id_key UNIQUE (reverses_id);

ALTER TABLE ONLY public.consumer
    ADD CONSTRAINT consumer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.consumption
    ADD CONSTRAINT consumption_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_account
    ADD CONSTRAINT contract_account_contract_id_account_id_valid_from_key UNIQUE (contract_id, account_id, valid_from);

ALTER TABLE ONLY public.contract_account
    ADD CONSTRAINT contract_account_no_overlap EXCLUDE USING gist (account_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE ((NOT is_draft));

ALTER TABLE ONLY public.contract_account
    ADD CONSTRAINT contract_account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_counter
    ADD CONSTRAINT contract_counter_division_id_year_key UNIQUE (division_id, year);

ALTER TABLE ONLY public.contract_counter
    ADD CONSTRAINT contract_counter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_number_division_id_key UNIQUE (number, division_id);

ALTER TABLE ONLY public.contract_paper
    ADD CONSTRAINT contract_paper_contract_id_kind_number_key UNIQUE (contract_id, kind, number);

ALTER TABLE ONLY public.contract_paper
    ADD CONSTRAINT contract_paper_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.contract_template
    ADD CONSTRAINT contract_template_kind_language_valid_from_key UNIQUE (kind, language, valid_from);

ALTER TABLE ONLY public.contract_template
    ADD CONSTRAINT contract_template_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.control_entry
    ADD CONSTRAINT control_entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.debt
    ADD CONSTRAINT debt_pkey PRIMARY KEY (bill_id);

ALTER TABLE ONLY public.department
    ADD CONSTRAINT department_division_id_code_key UNIQUE (division_id, code);

ALTER TABLE ONLY public.department
    ADD CONSTRAINT department_id_division_id_key UNIQUE (id, division_id);

ALTER TABLE ONLY public.department
    ADD CONSTRAINT department_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division_access
    ADD CONSTRAINT division_access_no_overlap EXCLUDE USING gist (user_id WITH =, division_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.division_access
    ADD CONSTRAINT division_access_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division
    ADD CONSTRAINT division_branch_code_key UNIQUE (branch_code);

ALTER TABLE ONLY public.division
    ADD CONSTRAINT division_code_key UNIQUE (code);

ALTER TABLE ONLY public.division
    ADD CONSTRAINT division_path_key UNIQUE (path);

ALTER TABLE ONLY public.division
    ADD CONSTRAINT division_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.division_turnover
    ADD CONSTRAINT division_turnover_pkey PRIMARY KEY (division_id, billing_month);

ALTER TABLE ONLY public.given_password
    ADD CONSTRAINT given_password_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.given_password
    ADD CONSTRAINT given_password_user_id_key UNIQUE (user_id);

ALTER TABLE ONLY public.inspection_record
    ADD CONSTRAINT inspection_record_charge_id_key UNIQUE (charge_id);

ALTER TABLE ONLY public.inspection_record
    ADD CONSTRAINT inspection_record_division_id_number_key UNIQUE (division_id, number);

ALTER TABLE ONLY public.inspection_record
    ADD CONSTRAINT inspection_record_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_event
    ADD CONSTRAINT job_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_run
    ADD CONSTRAINT job_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_entry
    ADD CONSTRAINT ledger_entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.limit_use
    ADD CONSTRAINT limit_use_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.mahalla
    ADD CONSTRAINT mahalla_division_id_name_key UNIQUE (division_id, name);

ALTER TABLE ONLY public.mahalla
    ADD CONSTRAINT mahalla_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.maintenance
    ADD CONSTRAINT maintenance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.meter_data_source
    ADD CONSTRAINT meter_data_source_login_key UNIQUE (login);

ALTER TABLE ONLY public.meter_data_source
    ADD CONSTRAINT meter_data_source_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.meter_installation
    ADD CONSTRAINT meter_installation_no_overlap EXCLUDE USING gist (meter_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.meter_installation
    ADD CONSTRAINT meter_installation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.meter
    ADD CONSTRAINT meter_model_id_serial_number_key UNIQUE (model_id, serial_number);

ALTER TABLE ONLY public.meter_model
    ADD CONSTRAINT meter_model_name_key UNIQUE (name);

ALTER TABLE ONLY public.meter_model
    ADD CONSTRAINT meter_model_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.meter
    ADD CONSTRAINT meter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_number_key UNIQUE (number);

ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.node_setting
    ADD CONSTRAINT node_setting_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.node_state
    ADD CONSTRAINT node_state_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.notice_attempt
    ADD CONSTRAINT notice_attempt_notice_id_number_key UNIQUE (notice_id, number);

ALTER TABLE ONLY public.notice_attempt
    ADD CONSTRAINT notice_attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.operating_parameter
    ADD CONSTRAINT operating_parameter_code_valid_from_key UNIQUE (code, valid_from);

ALTER TABLE ONLY public.operating_parameter
    ADD CONSTRAINT operating_parameter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.paper_print
    ADD CONSTRAINT paper_print_kind_document_id_key UNIQUE (kind, document_id);

ALTER TABLE ONLY public.paper_print
    ADD CONSTRAINT paper_print_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment_block
    ADD CONSTRAINT payment_block_no_overlap EXCLUDE USING gist (account_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.payment_block
    ADD CONSTRAINT payment_block_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_channel_reference_key UNIQUE (channel, reference);

ALTER TABLE ONLY public.payment_contract
    ADD CONSTRAINT payment_contract_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment_control
    ADD CONSTRAINT payment_control_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payment
    ADD CONSTRAINT payment_reverses_id_key UNIQUE (reverses_id);

ALTER TABLE ONLY public.penalty
    ADD CONSTRAINT penalty_bill_id_period_to_key UNIQUE (bill_id, period_to, penalty_run_id);

ALTER TABLE ONLY public.penalty_hold
    ADD CONSTRAINT penalty_hold_no_overlap EXCLUDE USING gist (account_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.penalty_hold
    ADD CONSTRAINT penalty_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.penalty
    ADD CONSTRAINT penalty_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.penalty_run
    ADD CONSTRAINT penalty_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.portal_code
    ADD CONSTRAINT portal_code_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.post
    ADD CONSTRAINT post_code_key UNIQUE (code);

ALTER TABLE ONLY public.post
    ADD CONSTRAINT post_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.prepaid_volume
    ADD CONSTRAINT prepaid_volume_account_id_tariff_version_id_key UNIQUE (account_id, tariff_version_id);

ALTER TABLE ONLY public.prepaid_volume
    ADD CONSTRAINT prepaid_volume_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.prepaid_withdrawal
    ADD CONSTRAINT prepaid_withdrawal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reading_import
    ADD CONSTRAINT reading_import_meter_data_source_id_idempotency_key_key UNIQUE (meter_data_source_id, idempotency_key);

ALTER TABLE ONLY public.reading_import
    ADD CONSTRAINT reading_import_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reading_import_row
    ADD CONSTRAINT reading_import_row_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_replaces_id_key UNIQUE (replaces_id);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_payment_contract_id_business_day_key UNIQUE (payment_contract_id, business_day);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_row
    ADD CONSTRAINT reconciliation_row_payment_contract_id_reference_key UNIQUE (payment_contract_id, reference);

ALTER TABLE ONLY public.reconciliation_row
    ADD CONSTRAINT reconciliation_row_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reference_change
    ADD CONSTRAINT reference_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reference_release
    ADD CONSTRAINT reference_release_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.reference_version
    ADD CONSTRAINT reference_version_no_overlap EXCLUDE USING gist (table_name WITH =, row_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.reference_version
    ADD CONSTRAINT reference_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.register
    ADD CONSTRAINT register_meter_id_code_key UNIQUE (meter_id, code);

ALTER TABLE ONLY public.register
    ADD CONSTRAINT register_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.registry_problem
    ADD CONSTRAINT registry_problem_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.registry_profile
    ADD CONSTRAINT registry_profile_payment_contract_id_name_key UNIQUE (payment_contract_id, name);

ALTER TABLE ONLY public.registry_profile
    ADD CONSTRAINT registry_profile_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.resource
    ADD CONSTRAINT resource_code_key UNIQUE (code);

ALTER TABLE ONLY public.resource
    ADD CONSTRAINT resource_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.row_version
    ADD CONSTRAINT row_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.service_point
    ADD CONSTRAINT service_point_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.shadow_result
    ADD CONSTRAINT shadow_result_key UNIQUE (shadow_run_id, division_id, component, zone, block_no);

ALTER TABLE ONLY public.shadow_result
    ADD CONSTRAINT shadow_result_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.shadow_run
    ADD CONSTRAINT shadow_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.staff_member
    ADD CONSTRAINT staff_member_no_overlap EXCLUDE USING gist (user_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.staff_member
    ADD CONSTRAINT staff_member_personnel_number_key UNIQUE (personnel_number);

ALTER TABLE ONLY public.staff_member
    ADD CONSTRAINT staff_member_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.statement_row
    ADD CONSTRAINT statement_row_payment_contract_id_source_reference_key UNIQUE (payment_contract_id, source, reference);

ALTER TABLE ONLY public.statement_row
    ADD CONSTRAINT statement_row_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stored_file
    ADD CONSTRAINT stored_file_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.street
    ADD CONSTRAINT street_division_id_name_key UNIQUE (division_id, name);

ALTER TABLE ONLY public.street
    ADD CONSTRAINT street_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.subsidy
    ADD CONSTRAINT subsidy_account_id_billing_month_programme_key UNIQUE (account_id, billing_month, programme);

ALTER TABLE ONLY public.subsidy
    ADD CONSTRAINT subsidy_charge_id_key UNIQUE (charge_id);

ALTER TABLE ONLY public.subsidy
    ADD CONSTRAINT subsidy_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.substitution
    ADD CONSTRAINT substitution_no_overlap EXCLUDE USING gist (absent_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.substitution
    ADD CONSTRAINT substitution_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_no_overlap EXCLUDE USING gist (service_point_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_of_account_no_overlap EXCLUDE USING gist (account_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.supply_term
    ADD CONSTRAINT supply_term_no_overlap EXCLUDE USING gist (account_id WITH =, kind WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.supply_term
    ADD CONSTRAINT supply_term_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sync_conflict
    ADD CONSTRAINT sync_conflict_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sync_counter
    ADD CONSTRAINT sync_counter_pkey PRIMARY KEY (subscription_id, kind);

ALTER TABLE ONLY public.sync_package
    ADD CONSTRAINT sync_package_direction_number_sha256_key UNIQUE (direction, number, sha256);

ALTER TABLE ONLY public.sync_package
    ADD CONSTRAINT sync_package_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tariff_block
    ADD CONSTRAINT tariff_block_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tariff_block
    ADD CONSTRAINT tariff_block_version_id_zone_block_no_key UNIQUE (version_id, zone, block_no);

ALTER TABLE ONLY public.tariff_block
    ADD CONSTRAINT tariff_block_version_id_zone_upper_milli_key UNIQUE NULLS NOT DISTINCT (version_id, zone, upper_milli);

ALTER TABLE ONLY public.tariff_group
    ADD CONSTRAINT tariff_group_code_key UNIQUE (code);

ALTER TABLE ONLY public.tariff_group
    ADD CONSTRAINT tariff_group_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tariff
    ADD CONSTRAINT tariff_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tariff
    ADD CONSTRAINT tariff_resource_id_tariff_group_id_key UNIQUE (resource_id, tariff_group_id);

ALTER TABLE ONLY public.tariff_version
    ADD CONSTRAINT tariff_version_no_overlap EXCLUDE USING gist (tariff_id WITH =, daterange(valid_from, valid_to) WITH &&);

ALTER TABLE ONLY public.tariff_version
    ADD CONSTRAINT tariff_version_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_bill_id_key UNIQUE (bill_id);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_corrects_id_key UNIQUE (corrects_id);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_division_id_year_sequence_no_key UNIQUE (division_id, year, sequence_no);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tender
    ADD CONSTRAINT tender_payment_contract_id_reference_key UNIQUE (payment_contract_id, reference);

ALTER TABLE ONLY public.tender
    ADD CONSTRAINT tender_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.totp_device
    ADD CONSTRAINT totp_device_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.totp_device
    ADD CONSTRAINT totp_device_user_id_key UNIQUE (user_id);

ALTER TABLE ONLY public.translation
    ADD CONSTRAINT translation_language_message_key UNIQUE (language, message);

ALTER TABLE ONLY public.translation
    ADD CONSTRAINT translation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.unkept_call
    ADD CONSTRAINT unkept_call_day_channel_reason_key UNIQUE (day, channel, reason);

ALTER TABLE ONLY public.unkept_call
    ADD CONSTRAINT unkept_call_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_session
    ADD CONSTRAINT user_session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.user_session
    ADD CONSTRAINT user_session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.vat_rate
    ADD CONSTRAINT vat_rate_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.vat_rate
    ADD CONSTRAINT vat_rate_valid_from_key UNIQUE (valid_from);

CREATE INDEX audit_entry_actor_idx ON ONLY public.audit_entry USING btree (actor, happened_at, id);

CREATE INDEX audit_entry_default_actor_happened_at_id_idx ON monthly.audit_entry_default USING btree (actor, happened_at, id);

CREATE INDEX audit_entry_happened_at_idx ON ONLY public.audit_entry USING btree (happened_at, id);

CREATE INDEX audit_entry_default_happened_at_id_idx ON monthly.audit_entry_default USING btree (happened_at, id);

CREATE INDEX audit_entry_row_idx ON ONLY public.audit_entry USING btree (table_name, row_id, happened_at, id);

CREATE INDEX audit_entry_default_table_name_row_id_happened_at_id_idx ON monthly.audit_entry_default USING btree (table_name, row_id, happened_at, id);

CREATE INDEX gateway_call_happened_at_idx ON ONLY public.gateway_call USING btree (happened_at);

CREATE INDEX gateway_call_default_happened_at_idx ON monthly.gateway_call_default USING btree (happened_at);

CREATE INDEX gateway_call_reference_idx ON ONLY public.gateway_call USING btree (reference);

CREATE INDEX gateway_call_default_reference_idx ON monthly.gateway_call_default USING btree (reference);

CREATE INDEX account_balance_division_id_idx ON public.account_balance USING btree (division_id, billing_month, account_id);

CREATE INDEX account_benefit_division_id_idx ON public.account_benefit USING btree (division_id);

CREATE INDEX account_consumer_id_idx ON public.account USING btree (consumer_id);

CREATE INDEX account_continues_id_idx ON public.account USING btree (continues_id) WHERE (continues_id IS NOT NULL);

CREATE INDEX account_division_id_id_idx ON public.account USING btree (division_id, id);

CREATE INDEX account_division_id_number_idx ON public.account USING btree (division_id, number);

CREATE INDEX account_document_account_id_idx ON public.account_document USING btree (account_id, id);

CREATE INDEX account_document_division_id_idx ON public.account_document USING btree (division_id);

CREATE INDEX account_position_division_id_idx ON public.account_position USING btree (division_id, account_id);

CREATE INDEX account_statement_account_id_idx ON public.account_statement USING btree (account_id, id);

CREATE INDEX account_statement_division_id_idx ON public.account_statement USING btree (division_id, id);

CREATE INDEX act_account_id_idx ON public.act USING btree (account_id, id);

CREATE INDEX act_consumer_id_idx ON public.act USING btree (consumer_id, id);

CREATE INDEX act_division_id_idx ON public.act USING btree (division_id, id);

CREATE UNIQUE INDEX act_reverses_id_key ON public.act USING btree (reverses_id) WHERE ((status)::text = ANY ((ARRAY['REQUESTED'::character varying, 'DONE'::character varying])::text[]));

CREATE INDEX adjustment_account_id_idx ON public.adjustment USING btree (account_id, id);

CREATE INDEX adjustment_division_id_idx ON public.adjustment USING btree (division_id, id);

CREATE INDEX allocation_account_id_idx ON public.allocation USING btree (account_id, id);

CREATE INDEX allocation_adjustment_id_idx ON public.allocation USING btree (adjustment_id) WHERE (adjustment_id IS NOT NULL);

CREATE INDEX allocation_bill_id_idx ON public.allocation USING btree (bill_id);

CREATE INDEX allocation_payment_id_idx ON public.allocation USING btree (payment_id);

CREATE INDEX approval_pending_idx ON public.approval USING btree (division_id, id) WHERE ((status)::text = 'PENDING'::text);

CREATE UNIQUE INDEX bill_account_id_billing_month_key ON public.bill USING btree (account_id, billing_month, revision) WHERE (cancels_id IS NULL);

CREATE INDEX bill_bill_run_id_idx ON public.bill USING btree (bill_run_id);

CREATE INDEX bill_cancelled_month_idx ON public.bill USING btree (account_id, billing_month) WHERE (cancels_id IS NOT NULL);

CREATE UNIQUE INDEX bill_cancels_id_key ON public.bill USING btree (cancels_id) WHERE (cancels_id IS NOT NULL);

CREATE INDEX bill_correction_account_id_idx ON public.bill_correction USING btree (account_id, id);

CREATE INDEX bill_correction_division_id_idx ON public.bill_correction USING btree (division_id, id);

CREATE INDEX bill_division_id_idx ON public.bill USING btree (division_id, billing_month, id);

CREATE INDEX bill_hold_bill_run_id_idx ON public.bill_hold USING btree (bill_run_id);

CREATE INDEX bill_hold_division_id_idx ON public.bill_hold USING btree (division_id, id);

CREATE INDEX bill_hold_waiting_idx ON public.bill_hold USING btree (division_id, id) WHERE ((status)::text = 'OPEN'::text);

CREATE INDEX bill_line_charge_id_idx ON public.bill_line USING btree (charge_id) WHERE (charge_id IS NOT NULL);

CREATE INDEX bill_line_prepaid_id_idx ON public.bill_line USING btree (prepaid_id) WHERE (prepaid_id IS NOT NULL);

CREATE INDEX bill_run_correction_id_idx ON public.bill_run USING btree (correction_id) WHERE (correction_id IS NOT NULL);

CREATE INDEX bill_run_division_id_idx ON public.bill_run USING btree (division_id);

CREATE UNIQUE INDEX bill_run_one_open_key ON public.bill_run USING btree (division_id, billing_month) WHERE ((status)::text = ANY ((ARRAY['PREVIEWING'::character varying, 'PREVIEWED'::character varying, 'POSTING'::character varying])::text[]));

CREATE INDEX billable_charge_account_id_idx ON public.billable_charge USING btree (account_id, id);

CREATE INDEX billable_charge_division_id_idx ON public.billable_charge USING btree (division_id);

CREATE INDEX consumer_division_id_idx ON public.consumer USING btree (division_id);

CREATE INDEX consumer_joined_to_id_idx ON public.consumer USING btree (joined_to_id) WHERE (joined_to_id IS NOT NULL);

CREATE INDEX consumer_name_idx ON public.consumer USING gin (lower((name)::text) public.gin_trgm_ops);

CREATE INDEX consumer_phone_idx ON public.consumer USING gin (phone public.gin_trgm_ops);

CREATE UNIQUE INDEX consumer_pinfl_key ON public.consumer USING btree (pinfl);

CREATE INDEX consumer_stir_idx ON public.consumer USING btree (stir);

CREATE INDEX consumption_account_id_period_to_idx ON public.consumption USING btree (account_id, period_to, period_from);

CREATE INDEX consumption_bill_id_idx ON public.consumption USING btree (bill_id);

CREATE INDEX contract_account_account_id_idx ON public.contract_account USING btree (account_id);

CREATE INDEX contract_account_division_id_idx ON public.contract_account USING btree (division_id);

CREATE INDEX contract_consumer_id_idx ON public.contract USING btree (consumer_id);

CREATE INDEX contract_division_id_id_idx ON public.contract USING btree (division_id, id);

CREATE INDEX contract_ending_idx ON public.contract USING btree (valid_to) WHERE (((status)::text = 'SIGNED'::text) AND (valid_to IS NOT NULL));

CREATE INDEX contract_paper_division_id_idx ON public.contract_paper USING btree (division_id, id);

CREATE INDEX control_entry_division_id_idx ON public.control_entry USING btree (division_id, id);

CREATE INDEX control_entry_payment_control_id_idx ON public.control_entry USING btree (payment_control_id, id);

CREATE INDEX control_entry_tender_id_idx ON public.control_entry USING btree (tender_id) WHERE (tender_id IS NOT NULL);

CREATE INDEX debt_account_id_idx ON public.debt USING btree (account_id, due_on, bill_id);

CREATE INDEX debt_division_id_due_on_idx ON public.debt USING btree (division_id, due_on, bill_id);

CREATE INDEX department_parent_id_idx ON public.department USING btree (parent_id);

CREATE INDEX division_access_user_id_idx ON public.division_access USING btree (user_id);

CREATE INDEX division_parent_id_idx ON public.division USING btree (parent_id);

CREATE UNIQUE INDEX idx_api_key_lookup_hash ON public.ab_api_key USING btree (lookup_hash);

CREATE INDEX idx_api_key_prefix ON public.ab_api_key USING btree (key_prefix);

CREATE INDEX idx_api_key_user_id ON public.ab_api_key USING btree (user_id);

CREATE INDEX idx_group_id ON public.ab_group_role USING btree (group_id);

CREATE INDEX idx_group_role_id ON public.ab_group_role USING btree (role_id);

CREATE INDEX idx_permission_id ON public.ab_permission_view USING btree (permission_id);

CREATE INDEX idx_permission_view_id ON public.ab_permission_view_role USING btree (permission_view_id);

CREATE INDEX idx_role_id ON public.ab_permission_view_role USING btree (role_id);

CREATE INDEX idx_user_group_id ON public.ab_user_group USING btree (group_id);

CREATE INDEX idx_user_id ON public.ab_user_group USING btree (user_id);

CREATE INDEX idx_view_menu_id ON public.ab_permission_view USING btree (view_menu_id);

CREATE INDEX inspection_record_account_id_idx ON public.inspection_record USING btree (account_id, id);

CREATE INDEX job_event_job_run_id_idx ON public.job_event USING btree (job_run_id);

CREATE INDEX job_run_open_idx ON public.job_run USING btree (id) WHERE ((status)::text = ANY ((ARRAY['QUEUED'::character varying, 'RUNNING'::character varying])::text[]));

CREATE INDEX job_run_subject_id_idx ON public.job_run USING btree (subject_id);

CREATE INDEX ledger_entry_account_id_idx ON public.ledger_entry USING btree (account_id, id);

CREATE INDEX ledger_entry_document_idx ON public.ledger_entry USING btree (document_kind, document_id);

CREATE INDEX limit_use_account_id_idx ON public.limit_use USING btree (account_id);

CREATE INDEX limit_use_division_id_idx ON public.limit_use USING btree (division_id, id);

CREATE INDEX limit_use_person_idx ON public.limit_use USING btree (created_by, used_on, code);

CREATE INDEX meter_data_source_division_id_idx ON public.meter_data_source USING btree (division_id);

CREATE INDEX meter_division_id_idx ON public.meter USING btree (division_id);

CREATE INDEX meter_installation_division_id_idx ON public.meter_installation USING btree (division_id);

CREATE INDEX meter_installation_service_point_id_idx ON public.meter_installation USING btree (service_point_id);

CREATE UNIQUE INDEX meter_serial_key ON public.meter USING btree (public.meter_serial((serial_number)::text)) WHERE (NOT is_double);

CREATE INDEX meter_serial_number_idx ON public.meter USING btree (serial_number);

CREATE INDEX notice_account_id_idx ON public.notice USING btree (account_id);

CREATE INDEX notice_attempt_division_id_idx ON public.notice_attempt USING btree (division_id);

CREATE INDEX notice_attempt_open_idx ON public.notice_attempt USING btree (job_run_id) WHERE (outcome IS NULL);

CREATE INDEX notice_queued_idx ON public.notice USING btree (expires_at, id) WHERE ((status)::text = 'QUEUED'::text);

CREATE INDEX notice_user_id_idx ON public.notice USING btree (user_id);

CREATE INDEX paper_print_division_id_idx ON public.paper_print USING btree (division_id);

CREATE INDEX payment_account_id_idx ON public.payment USING btree (account_id, id);

CREATE INDEX payment_block_account_id_idx ON public.payment_block USING btree (account_id, valid_from);

CREATE INDEX payment_block_division_id_idx ON public.payment_block USING btree (division_id);

CREATE UNIQUE INDEX payment_contract_key ON public.payment_contract USING btree (channel, login, key_sha256) WHERE (is_active AND ((key_sha256)::text <> ''::text));

CREATE UNIQUE INDEX payment_contract_signing_key ON public.payment_contract USING btree (channel, service_number, secret) WHERE (is_active AND ((secret)::text <> ''::text) AND ((channel)::text = ANY ((ARRAY['CLICK'::character varying, 'SMS'::character varying])::text[])));

CREATE UNIQUE INDEX payment_control_day_key ON public.payment_control USING btree (payment_contract_id, business_day) WHERE ((kind)::text = 'GATEWAY_DAY'::text);

CREATE INDEX payment_control_division_id_idx ON public.payment_control USING btree (division_id, id);

CREATE UNIQUE INDEX payment_control_file_key ON public.payment_control USING btree (payment_contract_id, file_sha256, file_times) WHERE (((kind)::text = 'REGISTRY'::text) AND ((status)::text <> 'REFUSED'::text));

CREATE UNIQUE INDEX payment_control_shift_key ON public.payment_control USING btree (cashier) WHERE (((kind)::text = 'SHIFT'::text) AND ((status)::text <> 'CLOSED'::text));

CREATE INDEX payment_division_id_idx ON public.payment USING btree (division_id, received_on, id);

CREATE INDEX payment_tender_id_idx ON public.payment USING btree (tender_id) WHERE (tender_id IS NOT NULL);

CREATE INDEX penalty_account_id_idx ON public.penalty USING btree (account_id, bill_id);

CREATE INDEX penalty_charge_id_idx ON public.penalty USING btree (charge_id);

CREATE INDEX penalty_division_id_idx ON public.penalty USING btree (division_id);

CREATE INDEX penalty_hold_division_id_idx ON public.penalty_hold USING btree (division_id);

CREATE INDEX penalty_run_account_id_idx ON public.penalty_run USING btree (account_id) WHERE (account_id IS NOT NULL);

CREATE UNIQUE INDEX penalty_run_one_open_key ON public.penalty_run USING btree (division_id) WHERE ((status)::text = ANY ((ARRAY['PREVIEWING'::character varying, 'PREVIEWED'::character varying, 'POSTING'::character varying])::text[]));

CREATE UNIQUE INDEX penalty_run_period_key ON public.penalty_run USING btree (division_id, period_from) WHERE (((status)::text = 'POSTED'::text) AND (account_id IS NULL));

CREATE INDEX portal_code_account_id_idx ON public.portal_code USING btree (account_id, id);

CREATE INDEX portal_code_asked_sha256_idx ON public.portal_code USING btree (asked_sha256);

CREATE INDEX portal_code_created_at_idx ON public.portal_code USING btree (created_at);

CREATE INDEX prepaid_volume_division_id_idx ON public.prepaid_volume USING btree (division_id);

CREATE INDEX prepaid_withdrawal_account_id_idx ON public.prepaid_withdrawal USING btree (account_id);

CREATE INDEX prepaid_withdrawal_division_id_idx ON public.prepaid_withdrawal USING btree (division_id);

CREATE INDEX prepaid_withdrawal_prepaid_volume_id_idx ON public.prepaid_withdrawal USING btree (prepaid_volume_id);

CREATE INDEX reading_account_id_read_on_idx ON public.reading USING btree (account_id, read_on);

CREATE INDEX reading_import_division_id_idx ON public.reading_import USING btree (division_id);

CREATE INDEX reading_import_row_reading_import_id_row_no_idx ON public.reading_import_row USING btree (reading_import_id, row_no);

CREATE INDEX reading_reading_import_id_idx ON public.reading USING btree (reading_import_id);

CREATE INDEX reading_series_idx ON public.reading USING btree (meter_installation_id, register_id, read_on);

CREATE INDEX reconciliation_division_id_idx ON public.reconciliation USING btree (division_id, id);

CREATE INDEX reconciliation_row_division_id_idx ON public.reconciliation_row USING btree (division_id, id);

CREATE INDEX reconciliation_row_due_idx ON public.reconciliation_row USING btree (next_ask_at, id) WHERE ((status)::text = 'WAITS'::text);

CREATE INDEX reconciliation_row_payment_contract_id_business_day_idx ON public.reconciliation_row USING btree (payment_contract_id, business_day, id);

CREATE INDEX reconciliation_row_unequal_idx ON public.reconciliation_row USING btree (payment_contract_id) WHERE ((verdict)::text <> 'EQUAL'::text);

CREATE INDEX reference_change_approval_id_idx ON public.reference_change USING btree (approval_id);

CREATE INDEX reference_change_row_idx ON public.reference_change USING btree (table_name, row_id);

CREATE INDEX reference_change_waiting_idx ON public.reference_change USING btree (valid_from) WHERE ((status)::text = 'APPROVED'::text);

CREATE INDEX registry_held_approval_id_idx ON public.registry_held USING btree (approval_id) WHERE (approval_id IS NOT NULL);

CREATE INDEX registry_held_division_id_idx ON public.registry_held USING btree (division_id, id);

CREATE INDEX registry_held_job_run_id_idx ON public.registry_held USING btree (job_run_id) WHERE (job_run_id IS NOT NULL);

CREATE INDEX registry_held_payment_contract_id_repeat_key_idx ON public.registry_held USING btree (payment_contract_id, repeat_key);

CREATE INDEX registry_held_payment_control_id_idx ON public.registry_held USING btree (payment_control_id, status, row_no, id);

CREATE INDEX registry_held_tender_id_idx ON public.registry_held USING btree (tender_id) WHERE (tender_id IS NOT NULL);

CREATE INDEX registry_held_twin_control_id_idx ON public.registry_held USING btree (twin_control_id) WHERE (twin_control_id IS NOT NULL);

CREATE INDEX registry_problem_division_id_idx ON public.registry_problem USING btree (division_id);

CREATE INDEX registry_problem_payment_control_id_idx ON public.registry_problem USING btree (payment_control_id, row_no, id);

CREATE INDEX row_version_account_idx ON public.row_version USING btree (((contents ->> 'account_id'::text)));

CREATE INDEX row_version_row_idx ON public.row_version USING btree (table_name, row_id, superseded_at);

CREATE INDEX service_point_cadastre_number_idx ON public.service_point USING btree (cadastre_number) WHERE (cadastre_number IS NOT NULL);

CREATE INDEX service_point_division_id_idx ON public.service_point USING btree (division_id);

CREATE INDEX service_point_street_id_house_idx ON public.service_point USING btree (street_id, house);

CREATE INDEX shadow_result_division_id_idx ON public.shadow_result USING btree (division_id);

CREATE INDEX shadow_run_division_id_idx ON public.shadow_run USING btree (division_id);

CREATE INDEX staff_member_department_id_idx ON public.staff_member USING btree (department_id);

CREATE INDEX statement_row_division_id_idx ON public.statement_row USING btree (division_id, id);

CREATE INDEX statement_row_payment_contract_id_business_day_idx ON public.statement_row USING btree (payment_contract_id, business_day);

CREATE INDEX stored_file_sha256_idx ON public.stored_file USING btree (sha256);

CREATE INDEX street_name_idx ON public.street USING gin (name public.gin_trgm_ops);

CREATE INDEX subsidy_division_id_idx ON public.subsidy USING btree (division_id, billing_month);

CREATE INDEX substitution_substitute_id_idx ON public.substitution USING btree (substitute_id);

CREATE INDEX supply_account_id_idx ON public.supply USING btree (account_id, valid_from) INCLUDE (valid_to, service_point_id, tariff_group_id, begins_anew);

CREATE INDEX supply_division_id_idx ON public.supply USING btree (division_id);

CREATE INDEX supply_term_account_id_idx ON public.supply_term USING btree (account_id, valid_from);

CREATE INDEX supply_term_division_id_idx ON public.supply_term USING btree (division_id);

CREATE INDEX sync_conflict_open_idx ON public.sync_conflict USING btree (id) WHERE (settled_at IS NULL);

CREATE INDEX tax_invoice_account_id_idx ON public.tax_invoice USING btree (account_id, id);

CREATE INDEX tender_account_id_waiting_idx ON public.tender USING btree (account_id, waiting);

CREATE INDEX tender_payment_contract_id_provider_ms_idx ON public.tender USING btree (payment_contract_id, provider_ms) WHERE (provider_ms > 0);

CREATE INDEX tender_payment_control_id_idx ON public.tender USING btree (payment_control_id, id);

CREATE INDEX tender_reversal_control_id_idx ON public.tender USING btree (reversal_control_id) WHERE (reversal_control_id IS NOT NULL);

CREATE INDEX tender_suspense_idx ON public.tender USING btree (division_id, id) WHERE (account_id IS NULL);

CREATE INDEX tender_waiting_idx ON public.tender USING btree (id) WHERE waiting;

CREATE INDEX user_session_live_idx ON public.user_session USING btree (user_id) WHERE (ended_at IS NULL);

CREATE INDEX user_session_user_id_address_idx ON public.user_session USING btree (user_id, address);

ALTER INDEX public.audit_entry_actor_idx ATTACH PARTITION monthly.audit_entry_default_actor_happened_at_id_idx;

ALTER INDEX public.audit_entry_happened_at_idx ATTACH PARTITION monthly.audit_entry_default_happened_at_id_idx;

ALTER INDEX public.audit_entry_pkey ATTACH PARTITION monthly.audit_entry_default_pkey;

ALTER INDEX public.audit_entry_row_idx ATTACH PARTITION monthly.audit_entry_default_table_name_row_id_happened_at_id_idx;

ALTER INDEX public.gateway_call_happened_at_idx ATTACH PARTITION monthly.gateway_call_default_happened_at_idx;

ALTER INDEX public.gateway_call_pkey ATTACH PARTITION monthly.gateway_call_default_pkey;

ALTER INDEX public.gateway_call_reference_idx ATTACH PARTITION monthly.gateway_call_default_reference_idx;

CREATE TRIGGER audit_entry_stays BEFORE TRUNCATE ON monthly.audit_entry_default FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('audit_entry');

CREATE TRIGGER gateway_call_stays BEFORE TRUNCATE ON monthly.gateway_call_default FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('gateway_call');

CREATE TRIGGER ab_api_key_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_api_key FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_api_key');

CREATE TRIGGER ab_group_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_group FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_group');

CREATE CONSTRAINT TRIGGER ab_group_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_group DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_group_role_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_group_role FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_group_role');

CREATE CONSTRAINT TRIGGER ab_group_role_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_group_role DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_permission_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_permission FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_permission');

CREATE CONSTRAINT TRIGGER ab_permission_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_permission DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_permission_view_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_permission_view FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_permission_view');

CREATE CONSTRAINT TRIGGER ab_permission_view_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_permission_view DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_permission_view_role_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_permission_view_role FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_permission_view_role');

CREATE CONSTRAINT TRIGGER ab_permission_view_role_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_permission_view_role DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_register_user_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_register_user FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_register_user');

CREATE TRIGGER ab_role_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_role FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_role');

CREATE CONSTRAINT TRIGGER ab_role_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_role DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_user_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_user FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_user', 'last_login', 'login_count', 'fail_login_count', 'changed_on', 'changed_by_fk');

CREATE TRIGGER ab_user_ends_sessions AFTER UPDATE ON public.ab_user FOR EACH ROW WHEN ((((old.password)::text IS DISTINCT FROM (new.password)::text) OR (old.active IS DISTINCT FROM new.active))) EXECUTE FUNCTION public.end_sessions_of_user();

CREATE TRIGGER ab_user_group_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_user_group FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_user_group');

CREATE TRIGGER ab_user_group_ends_sessions AFTER INSERT OR DELETE OR UPDATE ON public.ab_user_group FOR EACH ROW EXECUTE FUNCTION public.end_sessions_of_member();

CREATE CONSTRAINT TRIGGER ab_user_group_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_user_group DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE CONSTRAINT TRIGGER ab_user_release AFTER INSERT OR DELETE OR UPDATE OF first_name, last_name, username, password, active, email ON public.ab_user DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_user_role_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_user_role FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_user_role');

CREATE TRIGGER ab_user_role_ends_sessions AFTER INSERT OR DELETE OR UPDATE ON public.ab_user_role FOR EACH ROW EXECUTE FUNCTION public.end_sessions_of_member();

CREATE CONSTRAINT TRIGGER ab_user_role_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_user_role DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER ab_view_menu_audit AFTER INSERT OR DELETE OR UPDATE ON public.ab_view_menu FOR EACH ROW EXECUTE FUNCTION public.write_audit('ab_view_menu');

CREATE CONSTRAINT TRIGGER ab_view_menu_release AFTER INSERT OR DELETE OR UPDATE ON public.ab_view_menu DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER account_audit AFTER INSERT OR DELETE OR UPDATE ON public.account FOR EACH ROW EXECUTE FUNCTION public.write_audit('account');

CREATE TRIGGER account_awaited AFTER DELETE OR UPDATE OF id ON public.account FOR EACH ROW EXECUTE FUNCTION public.wait_for_payments();

CREATE TRIGGER account_balance_references AFTER INSERT ON public.account_balance REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_account_balance('account_id', 'account', 'division_id', 'division');

CREATE TRIGGER account_balance_references_stay BEFORE UPDATE OF account_id, division_id ON public.account_balance FOR EACH ROW WHEN (((old.account_id IS DISTINCT FROM new.account_id) OR (old.division_id IS DISTINCT FROM new.division_id))) EXECUTE FUNCTION public.refuse_change('account_balance');

CREATE TRIGGER account_benefit_audit AFTER INSERT OR DELETE OR UPDATE ON public.account_benefit FOR EACH ROW EXECUTE FUNCTION public.write_audit('account_benefit');

CREATE TRIGGER account_document_audit AFTER INSERT OR DELETE OR UPDATE ON public.account_document FOR EACH ROW EXECUTE FUNCTION public.write_audit('account_document');

CREATE TRIGGER account_document_is_fact BEFORE DELETE OR UPDATE ON public.account_document FOR EACH ROW EXECUTE FUNCTION public.refuse_change('account_document');

CREATE TRIGGER account_document_stays BEFORE TRUNCATE ON public.account_document FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('account_document');

CREATE TRIGGER account_referenced AFTER DELETE OR UPDATE OF id ON public.account FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('account', 'bill', 'account_id', 'consumption', 'account_id', 'ledger_entry', 'account_id', 'account_balance', 'account_id', 'debt', 'account_id', 'allocation', 'account_id', 'tender', 'account_id', 'payment', 'account_id');

CREATE TRIGGER account_statement_audit_delete AFTER DELETE ON public.account_statement REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('account_statement');

CREATE TRIGGER account_statement_audit_insert AFTER INSERT ON public.account_statement REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('account_statement');

CREATE TRIGGER account_statement_audit_update AFTER UPDATE ON public.account_statement REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('account_statement');

CREATE TRIGGER account_statement_is_fact BEFORE DELETE OR UPDATE ON public.account_statement FOR EACH ROW EXECUTE FUNCTION public.refuse_change('account_statement');

CREATE TRIGGER account_statement_stays BEFORE TRUNCATE ON public.account_statement FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('account_statement');

CREATE TRIGGER account_version AFTER DELETE OR UPDATE ON public.account FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('account', 'operational');

CREATE TRIGGER accounting_period_audit AFTER INSERT OR DELETE OR UPDATE ON public.accounting_period FOR EACH ROW EXECUTE FUNCTION public.write_audit('accounting_period');

CREATE TRIGGER act_audit AFTER INSERT OR DELETE OR UPDATE ON public.act FOR EACH ROW EXECUTE FUNCTION public.write_audit('act');

CREATE TRIGGER adjustment_audit AFTER INSERT OR DELETE OR UPDATE ON public.adjustment FOR EACH ROW EXECUTE FUNCTION public.write_audit('adjustment');

CREATE TRIGGER adjustment_is_fact BEFORE DELETE OR UPDATE ON public.adjustment FOR EACH ROW EXECUTE FUNCTION public.refuse_change('adjustment');

CREATE TRIGGER adjustment_referenced AFTER DELETE OR UPDATE OF id ON public.adjustment FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('adjustment', 'allocation', 'adjustment_id');

CREATE TRIGGER adjustment_stays BEFORE TRUNCATE ON public.adjustment FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('adjustment');

CREATE TRIGGER allocation_audit_delete AFTER DELETE ON public.allocation REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('allocation');

CREATE TRIGGER allocation_audit_insert AFTER INSERT ON public.allocation REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('allocation');

CREATE TRIGGER allocation_audit_update AFTER UPDATE ON public.allocation REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('allocation');

CREATE TRIGGER allocation_is_fact BEFORE DELETE OR UPDATE ON public.allocation FOR EACH ROW EXECUTE FUNCTION public.refuse_change('allocation');

CREATE TRIGGER allocation_references AFTER INSERT ON public.allocation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_allocation('division_id', 'division', 'account_id', 'account', 'bill_id', 'bill', 'payment_id', 'payment', 'adjustment_id', 'adjustment');

CREATE TRIGGER allocation_stays BEFORE TRUNCATE ON public.allocation FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('allocation');

CREATE TRIGGER approval_audit AFTER INSERT OR DELETE OR UPDATE ON public.approval FOR EACH ROW EXECUTE FUNCTION public.write_audit('approval');

CREATE TRIGGER audit_check_is_fact BEFORE DELETE OR UPDATE ON public.audit_check FOR EACH ROW EXECUTE FUNCTION public.refuse_change('audit_check');

CREATE TRIGGER audit_check_stays BEFORE TRUNCATE ON public.audit_check FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('audit_check');

CREATE TRIGGER audit_entry_is_fact BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change('audit_entry');

CREATE TRIGGER audit_entry_stays BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('audit_entry');

CREATE TRIGGER audit_seal_is_fact BEFORE DELETE OR UPDATE ON public.audit_seal FOR EACH ROW EXECUTE FUNCTION public.refuse_change('audit_seal');

CREATE TRIGGER audit_seal_stays BEFORE TRUNCATE ON public.audit_seal FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('audit_seal');

CREATE TRIGGER bank_audit AFTER INSERT OR DELETE OR UPDATE ON public.bank FOR EACH ROW EXECUTE FUNCTION public.write_audit('bank');

CREATE CONSTRAINT TRIGGER bank_release AFTER INSERT OR DELETE OR UPDATE ON public.bank DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER bank_version AFTER DELETE OR UPDATE ON public.bank FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('bank', 'reference');

ALTER TABLE public.bank ENABLE ALWAYS TRIGGER bank_version;

CREATE TRIGGER bank_versions AFTER INSERT OR DELETE OR UPDATE ON public.bank FOR EACH ROW EXECUTE FUNCTION public.keep_version('bank');

CREATE TRIGGER benefit_audit AFTER INSERT OR DELETE OR UPDATE ON public.benefit FOR EACH ROW EXECUTE FUNCTION public.write_audit('benefit');

CREATE TRIGGER benefit_referenced AFTER DELETE OR UPDATE OF id ON public.benefit FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('benefit', 'bill_line', 'benefit_id');

CREATE CONSTRAINT TRIGGER benefit_release AFTER INSERT OR DELETE OR UPDATE ON public.benefit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER benefit_version AFTER DELETE OR UPDATE ON public.benefit FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('benefit', 'reference');

ALTER TABLE public.benefit ENABLE ALWAYS TRIGGER benefit_version;

CREATE TRIGGER benefit_versions AFTER INSERT OR DELETE OR UPDATE ON public.benefit FOR EACH ROW EXECUTE FUNCTION public.keep_version('benefit');

CREATE TRIGGER bill_audit_delete AFTER DELETE ON public.bill REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill');

CREATE TRIGGER bill_audit_insert AFTER INSERT ON public.bill REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill');

CREATE TRIGGER bill_audit_update AFTER UPDATE ON public.bill REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill');

CREATE TRIGGER bill_correction_audit AFTER INSERT OR DELETE OR UPDATE ON public.bill_correction FOR EACH ROW EXECUTE FUNCTION public.write_audit('bill_correction');

CREATE TRIGGER bill_correction_is_fact BEFORE DELETE OR UPDATE ON public.bill_correction FOR EACH ROW EXECUTE FUNCTION public.refuse_change('bill_correction');

CREATE TRIGGER bill_correction_stays BEFORE TRUNCATE ON public.bill_correction FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('bill_correction');

CREATE TRIGGER bill_exception_audit_delete AFTER DELETE ON public.bill_exception REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill_exception');

CREATE TRIGGER bill_exception_audit_insert AFTER INSERT ON public.bill_exception REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill_exception');

CREATE TRIGGER bill_exception_audit_update AFTER UPDATE ON public.bill_exception REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill_exception');

CREATE TRIGGER bill_hold_audit AFTER INSERT OR DELETE OR UPDATE ON public.bill_hold FOR EACH ROW EXECUTE FUNCTION public.write_audit('bill_hold');

CREATE TRIGGER bill_is_fact BEFORE DELETE OR UPDATE ON public.bill FOR EACH ROW EXECUTE FUNCTION public.refuse_change('bill');

CREATE TRIGGER bill_line_audit_delete AFTER DELETE ON public.bill_line REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill_line', 'bill_id');

CREATE TRIGGER bill_line_audit_insert AFTER INSERT ON public.bill_line REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill_line', 'bill_id');

CREATE TRIGGER bill_line_audit_update AFTER UPDATE ON public.bill_line REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('bill_line', 'bill_id');

CREATE TRIGGER bill_line_is_fact BEFORE DELETE OR UPDATE ON public.bill_line FOR EACH ROW EXECUTE FUNCTION public.refuse_change('bill_line');

CREATE TRIGGER bill_line_references AFTER INSERT ON public.bill_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_bill_line('bill_id', 'bill', 'division_id', 'division', 'tariff_version_id', 'tariff_version', 'charge_id', 'billable_charge', 'benefit_id', 'benefit', 'prepaid_id', 'prepaid_volume');

CREATE TRIGGER bill_line_stays BEFORE TRUNCATE ON public.bill_line FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('bill_line');

CREATE TRIGGER bill_referenced AFTER DELETE OR UPDATE OF id ON public.bill FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('bill', 'bill', 'cancels_id', 'bill_line', 'bill_id', 'consumption', 'bill_id', 'debt', 'bill_id', 'allocation', 'bill_id');

CREATE TRIGGER bill_references AFTER INSERT ON public.bill REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_bill('division_id', 'division', 'account_id', 'account', 'bill_run_id', 'bill_run', 'cancels_id', 'bill');

CREATE TRIGGER bill_run_audit AFTER INSERT OR DELETE OR UPDATE ON public.bill_run FOR EACH ROW EXECUTE FUNCTION public.write_audit('bill_run', 'preview');

CREATE TRIGGER bill_run_referenced AFTER DELETE OR UPDATE OF id ON public.bill_run FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('bill_run', 'bill', 'bill_run_id');

CREATE TRIGGER bill_stays BEFORE TRUNCATE ON public.bill FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('bill');

CREATE TRIGGER billable_charge_audit_delete AFTER DELETE ON public.billable_charge REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('billable_charge');

CREATE TRIGGER billable_charge_audit_insert AFTER INSERT ON public.billable_charge REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('billable_charge');

CREATE TRIGGER billable_charge_audit_update AFTER UPDATE ON public.billable_charge REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('billable_charge');

CREATE TRIGGER billable_charge_is_fact BEFORE DELETE OR UPDATE ON public.billable_charge FOR EACH ROW EXECUTE FUNCTION public.refuse_change('billable_charge');

CREATE TRIGGER billable_charge_referenced AFTER DELETE OR UPDATE OF id ON public.billable_charge FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('billable_charge', 'bill_line', 'charge_id');

CREATE TRIGGER billable_charge_stays BEFORE TRUNCATE ON public.billable_charge FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('billable_charge');

CREATE TRIGGER consumer_audit AFTER INSERT OR DELETE OR UPDATE ON public.consumer FOR EACH ROW EXECUTE FUNCTION public.write_audit('consumer');

CREATE TRIGGER consumer_version AFTER DELETE OR UPDATE ON public.consumer FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('consumer', 'operational');

CREATE TRIGGER consumption_audit_delete AFTER DELETE ON public.consumption REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('consumption');

CREATE TRIGGER consumption_audit_insert AFTER INSERT ON public.consumption REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('consumption');

CREATE TRIGGER consumption_audit_update AFTER UPDATE ON public.consumption REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('consumption');

CREATE TRIGGER consumption_is_fact BEFORE DELETE OR UPDATE ON public.consumption FOR EACH ROW EXECUTE FUNCTION public.refuse_change('consumption');

CREATE TRIGGER consumption_references AFTER INSERT ON public.consumption REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_consumption('division_id', 'division', 'account_id', 'account', 'bill_id', 'bill', 'earlier_reading_id', 'reading', 'later_reading_id', 'reading');

CREATE TRIGGER consumption_stays BEFORE TRUNCATE ON public.consumption FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('consumption');

CREATE TRIGGER contract_account_audit AFTER DELETE OR UPDATE ON public.contract_account FOR EACH ROW EXECUTE FUNCTION public.write_audit('contract_account');

CREATE TRIGGER contract_account_audit_insert AFTER INSERT ON public.contract_account REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('contract_account');

CREATE TRIGGER contract_account_version AFTER DELETE OR UPDATE ON public.contract_account FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('contract_account', 'operational');

CREATE TRIGGER contract_audit AFTER DELETE OR UPDATE ON public.contract FOR EACH ROW EXECUTE FUNCTION public.write_audit('contract');

CREATE TRIGGER contract_audit_insert AFTER INSERT ON public.contract REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('contract');

CREATE TRIGGER contract_counter_audit AFTER INSERT OR DELETE OR UPDATE ON public.contract_counter FOR EACH ROW EXECUTE FUNCTION public.write_audit('contract_counter');

CREATE TRIGGER contract_paper_audit_delete AFTER DELETE ON public.contract_paper REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('contract_paper');

CREATE TRIGGER contract_paper_audit_insert AFTER INSERT ON public.contract_paper REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('contract_paper');

CREATE TRIGGER contract_paper_audit_update AFTER UPDATE ON public.contract_paper REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('contract_paper');

CREATE TRIGGER contract_paper_is_fact BEFORE DELETE OR UPDATE ON public.contract_paper FOR EACH ROW EXECUTE FUNCTION public.refuse_change('contract_paper');

CREATE TRIGGER contract_paper_stays BEFORE TRUNCATE ON public.contract_paper FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('contract_paper');

CREATE TRIGGER contract_template_audit AFTER INSERT OR DELETE OR UPDATE ON public.contract_template FOR EACH ROW EXECUTE FUNCTION public.write_audit('contract_template');

CREATE CONSTRAINT TRIGGER contract_template_release AFTER INSERT OR DELETE OR UPDATE ON public.contract_template DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER contract_version AFTER DELETE OR UPDATE ON public.contract FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('contract', 'operational');

CREATE TRIGGER control_entry_audit_delete AFTER DELETE ON public.control_entry REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('control_entry');

CREATE TRIGGER control_entry_audit_insert AFTER INSERT ON public.control_entry REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('control_entry');

CREATE TRIGGER control_entry_audit_update AFTER UPDATE ON public.control_entry REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('control_entry');

CREATE TRIGGER control_entry_is_fact BEFORE DELETE OR UPDATE ON public.control_entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change('control_entry');

CREATE TRIGGER control_entry_is_open BEFORE INSERT ON public.control_entry FOR EACH ROW WHEN ((new.payment_control_id IS NOT NULL)) EXECUTE FUNCTION public.refuse_entry_of_closed_control();

CREATE TRIGGER control_entry_stays BEFORE TRUNCATE ON public.control_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('control_entry');

CREATE TRIGGER debt_references AFTER INSERT ON public.debt REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_debt('bill_id', 'bill', 'account_id', 'account', 'division_id', 'division');

CREATE TRIGGER debt_references_stay BEFORE UPDATE OF bill_id, billing_month, account_id, division_id ON public.debt FOR EACH ROW WHEN (((old.bill_id IS DISTINCT FROM new.bill_id) OR (old.billing_month IS DISTINCT FROM new.billing_month) OR (old.account_id IS DISTINCT FROM new.account_id) OR (old.division_id IS DISTINCT FROM new.division_id))) EXECUTE FUNCTION public.refuse_change('debt');

CREATE TRIGGER department_audit AFTER INSERT OR DELETE OR UPDATE ON public.department FOR EACH ROW EXECUTE FUNCTION public.write_audit('department');

CREATE CONSTRAINT TRIGGER department_release AFTER INSERT OR DELETE OR UPDATE ON public.department DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER division_access_audit AFTER INSERT OR DELETE OR UPDATE ON public.division_access FOR EACH ROW EXECUTE FUNCTION public.write_audit('division_access');

CREATE CONSTRAINT TRIGGER division_access_release AFTER INSERT OR DELETE OR UPDATE ON public.division_access DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER division_audit AFTER INSERT OR DELETE OR UPDATE ON public.division FOR EACH ROW EXECUTE FUNCTION public.write_audit('division');

CREATE TRIGGER division_awaited AFTER DELETE OR UPDATE OF id ON public.division FOR EACH ROW EXECUTE FUNCTION public.wait_for_payments();

CREATE TRIGGER division_referenced AFTER DELETE OR UPDATE OF id ON public.division FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('division', 'bill', 'division_id', 'bill_line', 'division_id', 'consumption', 'division_id', 'ledger_entry', 'division_id', 'account_balance', 'division_id', 'debt', 'division_id', 'allocation', 'division_id', 'tender', 'division_id', 'payment', 'division_id');

CREATE CONSTRAINT TRIGGER division_release AFTER INSERT OR DELETE OR UPDATE ON public.division DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER division_version AFTER DELETE OR UPDATE ON public.division FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('division', 'reference');

ALTER TABLE public.division ENABLE ALWAYS TRIGGER division_version;

CREATE TRIGGER gateway_call_is_fact BEFORE DELETE OR UPDATE ON public.gateway_call FOR EACH ROW EXECUTE FUNCTION public.refuse_change('gateway_call');

CREATE TRIGGER gateway_call_stays BEFORE TRUNCATE ON public.gateway_call FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('gateway_call');

CREATE TRIGGER given_password_audit AFTER INSERT OR DELETE OR UPDATE ON public.given_password FOR EACH ROW EXECUTE FUNCTION public.write_audit('given_password');

CREATE TRIGGER inspection_record_audit AFTER INSERT OR DELETE OR UPDATE ON public.inspection_record FOR EACH ROW EXECUTE FUNCTION public.write_audit('inspection_record');

CREATE TRIGGER job_event_is_fact BEFORE DELETE OR UPDATE ON public.job_event FOR EACH ROW EXECUTE FUNCTION public.refuse_change('job_event');

CREATE TRIGGER job_event_stays BEFORE TRUNCATE ON public.job_event FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('job_event');

CREATE TRIGGER job_run_audit AFTER INSERT OR DELETE OR UPDATE ON public.job_run FOR EACH ROW EXECUTE FUNCTION public.write_audit('job_run', 'checkpoint', 'done', 'total', 'seen_at');

CREATE TRIGGER ledger_entry_audit_delete AFTER DELETE ON public.ledger_entry REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('ledger_entry');

CREATE TRIGGER ledger_entry_audit_insert AFTER INSERT ON public.ledger_entry REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('ledger_entry');

CREATE TRIGGER ledger_entry_audit_update AFTER UPDATE ON public.ledger_entry REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('ledger_entry');

CREATE TRIGGER ledger_entry_is_fact BEFORE DELETE OR UPDATE ON public.ledger_entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change('ledger_entry');

CREATE TRIGGER ledger_entry_month_is_open AFTER INSERT ON public.ledger_entry REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_closed_month();

CREATE TRIGGER ledger_entry_referenced AFTER DELETE OR UPDATE OF id ON public.ledger_entry FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('ledger_entry', 'ledger_entry', 'reverses_id');

CREATE TRIGGER ledger_entry_references AFTER INSERT ON public.ledger_entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_ledger_entry('division_id', 'division', 'account_id', 'account', 'reverses_id', 'ledger_entry');

CREATE TRIGGER ledger_entry_stays BEFORE TRUNCATE ON public.ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('ledger_entry');

CREATE TRIGGER limit_use_audit AFTER INSERT OR DELETE OR UPDATE ON public.limit_use FOR EACH ROW EXECUTE FUNCTION public.write_audit('limit_use');

CREATE TRIGGER limit_use_is_fact BEFORE DELETE OR UPDATE ON public.limit_use FOR EACH ROW EXECUTE FUNCTION public.refuse_change('limit_use');

CREATE TRIGGER limit_use_stays BEFORE TRUNCATE ON public.limit_use FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('limit_use');

CREATE TRIGGER mahalla_audit AFTER INSERT OR DELETE OR UPDATE ON public.mahalla FOR EACH ROW EXECUTE FUNCTION public.write_audit('mahalla');

CREATE CONSTRAINT TRIGGER mahalla_release AFTER INSERT OR DELETE OR UPDATE ON public.mahalla DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER mahalla_version AFTER DELETE OR UPDATE ON public.mahalla FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('mahalla', 'reference');

ALTER TABLE public.mahalla ENABLE ALWAYS TRIGGER mahalla_version;

CREATE TRIGGER mahalla_versions AFTER INSERT OR DELETE OR UPDATE ON public.mahalla FOR EACH ROW EXECUTE FUNCTION public.keep_version('mahalla');

CREATE TRIGGER maintenance_audit AFTER INSERT OR DELETE OR UPDATE ON public.maintenance FOR EACH ROW EXECUTE FUNCTION public.write_audit('maintenance');

CREATE TRIGGER meter_audit AFTER INSERT OR DELETE OR UPDATE ON public.meter FOR EACH ROW EXECUTE FUNCTION public.write_audit('meter');

CREATE TRIGGER meter_billed BEFORE UPDATE ON public.meter FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.keep_billed_meter();

CREATE TRIGGER meter_data_source_audit AFTER INSERT OR DELETE OR UPDATE ON public.meter_data_source FOR EACH ROW EXECUTE FUNCTION public.write_audit('meter_data_source');

CREATE CONSTRAINT TRIGGER meter_data_source_release AFTER INSERT OR DELETE OR UPDATE ON public.meter_data_source DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER meter_installation_audit AFTER INSERT OR DELETE OR UPDATE ON public.meter_installation FOR EACH ROW EXECUTE FUNCTION public.write_audit('meter_installation');

CREATE TRIGGER meter_installation_billed BEFORE UPDATE ON public.meter_installation FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.keep_billed_installation();

CREATE TRIGGER meter_installation_occupied_insert AFTER INSERT ON public.meter_installation REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_occupied_meter_installation();

CREATE TRIGGER meter_installation_occupied_update AFTER UPDATE ON public.meter_installation REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_occupied_meter_installation();

CREATE TRIGGER meter_installation_version AFTER DELETE OR UPDATE ON public.meter_installation FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('meter_installation', 'operational');

CREATE TRIGGER meter_model_audit AFTER INSERT OR DELETE OR UPDATE ON public.meter_model FOR EACH ROW EXECUTE FUNCTION public.write_audit('meter_model');

CREATE CONSTRAINT TRIGGER meter_model_release AFTER INSERT OR DELETE OR UPDATE ON public.meter_model DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER meter_model_versions AFTER INSERT OR DELETE OR UPDATE ON public.meter_model FOR EACH ROW EXECUTE FUNCTION public.keep_version('meter_model');

CREATE TRIGGER meter_version AFTER DELETE OR UPDATE ON public.meter FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('meter', 'operational');

CREATE TRIGGER node_audit AFTER INSERT OR DELETE OR UPDATE ON public.node FOR EACH ROW EXECUTE FUNCTION public.write_audit('node');

CREATE TRIGGER node_setting_audit AFTER INSERT OR DELETE OR UPDATE ON public.node_setting FOR EACH ROW EXECUTE FUNCTION public.write_audit('node_setting');

CREATE TRIGGER notice_audit_delete AFTER DELETE ON public.notice REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('notice');

CREATE TRIGGER notice_audit_insert AFTER INSERT ON public.notice REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('notice');

CREATE TRIGGER notice_audit_update AFTER UPDATE ON public.notice FOR EACH ROW EXECUTE FUNCTION public.write_audit('notice');

CREATE TRIGGER operating_parameter_audit AFTER INSERT OR DELETE OR UPDATE ON public.operating_parameter FOR EACH ROW EXECUTE FUNCTION public.write_audit('operating_parameter');

CREATE CONSTRAINT TRIGGER operating_parameter_release AFTER INSERT OR DELETE OR UPDATE ON public.operating_parameter DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER paper_print_is_fact BEFORE DELETE OR UPDATE ON public.paper_print FOR EACH ROW EXECUTE FUNCTION public.refuse_change('paper_print');

CREATE TRIGGER paper_print_stays BEFORE TRUNCATE ON public.paper_print FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('paper_print');

CREATE TRIGGER payment_audit_delete AFTER DELETE ON public.payment REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('payment');

CREATE TRIGGER payment_audit_insert AFTER INSERT ON public.payment REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('payment');

CREATE TRIGGER payment_audit_update AFTER UPDATE ON public.payment REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('payment');

CREATE TRIGGER payment_awaited AFTER DELETE OR UPDATE OF id ON public.payment FOR EACH ROW EXECUTE FUNCTION public.wait_for_payments();

CREATE TRIGGER payment_block_audit AFTER INSERT OR DELETE OR UPDATE ON public.payment_block FOR EACH ROW EXECUTE FUNCTION public.write_audit('payment_block');

CREATE TRIGGER payment_contract_audit AFTER INSERT OR DELETE OR UPDATE ON public.payment_contract FOR EACH ROW EXECUTE FUNCTION public.write_audit('payment_contract');

CREATE TRIGGER payment_contract_awaited AFTER DELETE OR UPDATE OF id ON public.payment_contract FOR EACH ROW EXECUTE FUNCTION public.wait_for_payments();

CREATE TRIGGER payment_contract_channel BEFORE UPDATE OF channel ON public.payment_contract FOR EACH ROW WHEN (((old.channel)::text <> (new.channel)::text)) EXECUTE FUNCTION public.refuse_other_channel();

CREATE TRIGGER payment_contract_referenced AFTER DELETE OR UPDATE OF id ON public.payment_contract FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('payment_contract', 'tender', 'payment_contract_id');

CREATE CONSTRAINT TRIGGER payment_contract_release AFTER INSERT OR DELETE OR UPDATE ON public.payment_contract DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER payment_contract_version AFTER DELETE OR UPDATE ON public.payment_contract FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('payment_contract', 'reference');

ALTER TABLE public.payment_contract ENABLE ALWAYS TRIGGER payment_contract_version;

CREATE TRIGGER payment_control_audit AFTER INSERT OR DELETE OR UPDATE ON public.payment_control FOR EACH ROW EXECUTE FUNCTION public.write_audit('payment_control');

CREATE TRIGGER payment_control_awaited AFTER DELETE OR UPDATE OF id ON public.payment_control FOR EACH ROW EXECUTE FUNCTION public.wait_for_payments();

CREATE TRIGGER payment_control_referenced AFTER DELETE OR UPDATE OF id ON public.payment_control FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('payment_control', 'tender', 'payment_control_id', 'tender', 'reversal_control_id');

CREATE TRIGGER payment_control_stays_closed BEFORE DELETE OR UPDATE ON public.payment_control FOR EACH ROW WHEN (((old.status)::text = 'CLOSED'::text)) EXECUTE FUNCTION public.refuse_change_of_closed_control();

CREATE TRIGGER payment_is_fact BEFORE DELETE OR UPDATE ON public.payment FOR EACH ROW EXECUTE FUNCTION public.refuse_change('payment');

CREATE TRIGGER payment_referenced AFTER DELETE OR UPDATE OF id ON public.payment FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('payment', 'allocation', 'payment_id', 'payment', 'reverses_id');

CREATE TRIGGER payment_references AFTER INSERT ON public.payment REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_payment('division_id', 'division', 'account_id', 'account', 'reverses_id', 'payment', 'tender_id', 'tender');

CREATE TRIGGER payment_stays BEFORE TRUNCATE ON public.payment FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('payment');

CREATE TRIGGER penalty_audit_delete AFTER DELETE ON public.penalty REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('penalty');

CREATE TRIGGER penalty_audit_insert AFTER INSERT ON public.penalty REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('penalty');

CREATE TRIGGER penalty_audit_update AFTER UPDATE ON public.penalty REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('penalty');

CREATE TRIGGER penalty_hold_audit AFTER INSERT OR DELETE OR UPDATE ON public.penalty_hold FOR EACH ROW EXECUTE FUNCTION public.write_audit('penalty_hold');

CREATE TRIGGER penalty_is_fact BEFORE DELETE OR UPDATE ON public.penalty FOR EACH ROW EXECUTE FUNCTION public.refuse_change('penalty');

CREATE TRIGGER penalty_run_audit AFTER INSERT OR DELETE OR UPDATE ON public.penalty_run FOR EACH ROW EXECUTE FUNCTION public.write_audit('penalty_run');

CREATE TRIGGER penalty_stays BEFORE TRUNCATE ON public.penalty FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('penalty');

CREATE TRIGGER portal_code_audit AFTER INSERT OR DELETE OR UPDATE ON public.portal_code FOR EACH ROW EXECUTE FUNCTION public.write_audit('portal_code');

CREATE TRIGGER post_audit AFTER INSERT OR DELETE OR UPDATE ON public.post FOR EACH ROW EXECUTE FUNCTION public.write_audit('post');

CREATE CONSTRAINT TRIGGER post_release AFTER INSERT OR DELETE OR UPDATE ON public.post DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER prepaid_volume_audit AFTER INSERT OR DELETE OR UPDATE ON public.prepaid_volume FOR EACH ROW EXECUTE FUNCTION public.write_audit('prepaid_volume');

CREATE TRIGGER prepaid_volume_is_fact BEFORE DELETE OR UPDATE ON public.prepaid_volume FOR EACH ROW EXECUTE FUNCTION public.refuse_change('prepaid_volume');

CREATE TRIGGER prepaid_volume_referenced AFTER DELETE OR UPDATE OF id ON public.prepaid_volume FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('prepaid_volume', 'bill_line', 'prepaid_id');

CREATE TRIGGER prepaid_volume_stays BEFORE TRUNCATE ON public.prepaid_volume FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('prepaid_volume');

CREATE TRIGGER prepaid_withdrawal_audit_delete AFTER DELETE ON public.prepaid_withdrawal REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('prepaid_withdrawal');

CREATE TRIGGER prepaid_withdrawal_audit_insert AFTER INSERT ON public.prepaid_withdrawal REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('prepaid_withdrawal');

CREATE TRIGGER prepaid_withdrawal_audit_update AFTER UPDATE ON public.prepaid_withdrawal REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('prepaid_withdrawal');

CREATE TRIGGER prepaid_withdrawal_is_fact BEFORE DELETE OR UPDATE ON public.prepaid_withdrawal FOR EACH ROW EXECUTE FUNCTION public.refuse_change('prepaid_withdrawal');

CREATE TRIGGER prepaid_withdrawal_stays BEFORE TRUNCATE ON public.prepaid_withdrawal FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('prepaid_withdrawal');

CREATE TRIGGER reading_audit_delete AFTER DELETE ON public.reading REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('reading');

CREATE TRIGGER reading_audit_insert AFTER INSERT ON public.reading REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('reading');

CREATE TRIGGER reading_audit_update AFTER UPDATE ON public.reading REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('reading');

CREATE TRIGGER reading_import_audit AFTER INSERT OR DELETE OR UPDATE ON public.reading_import FOR EACH ROW EXECUTE FUNCTION public.write_audit('reading_import');

CREATE TRIGGER reading_import_row_audit_delete AFTER DELETE ON public.reading_import_row REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('reading_import_row');

CREATE TRIGGER reading_import_row_audit_insert AFTER INSERT ON public.reading_import_row REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('reading_import_row');

CREATE TRIGGER reading_import_row_audit_update AFTER UPDATE ON public.reading_import_row REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('reading_import_row');

CREATE TRIGGER reading_is_fact BEFORE DELETE OR UPDATE ON public.reading FOR EACH ROW EXECUTE FUNCTION public.refuse_change('reading');

CREATE TRIGGER reading_referenced AFTER DELETE OR UPDATE OF id ON public.reading FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('reading', 'consumption', 'earlier_reading_id', 'consumption', 'later_reading_id');

CREATE TRIGGER reading_stays BEFORE TRUNCATE ON public.reading FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('reading');

CREATE TRIGGER reconciliation_audit AFTER INSERT OR DELETE OR UPDATE ON public.reconciliation FOR EACH ROW EXECUTE FUNCTION public.write_audit('reconciliation');

CREATE TRIGGER reconciliation_row_audit AFTER DELETE OR UPDATE ON public.reconciliation_row FOR EACH ROW EXECUTE FUNCTION public.write_audit('reconciliation_row');

CREATE TRIGGER reconciliation_row_audit_insert AFTER INSERT ON public.reconciliation_row REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('reconciliation_row');

CREATE TRIGGER reference_change_audit AFTER INSERT OR DELETE OR UPDATE ON public.reference_change FOR EACH ROW EXECUTE FUNCTION public.write_audit('reference_change');

CREATE TRIGGER register_audit AFTER INSERT OR DELETE OR UPDATE ON public.register FOR EACH ROW EXECUTE FUNCTION public.write_audit('register');

CREATE TRIGGER register_billed BEFORE UPDATE ON public.register FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.keep_billed_register();

CREATE TRIGGER register_occupied_insert AFTER INSERT ON public.register REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_occupied_register();

CREATE TRIGGER register_occupied_update AFTER UPDATE ON public.register REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_occupied_register();

CREATE TRIGGER register_version AFTER DELETE OR UPDATE ON public.register FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('register', 'operational');

CREATE TRIGGER registry_held_audit_delete AFTER DELETE ON public.registry_held REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('registry_held');

CREATE TRIGGER registry_held_audit_insert AFTER INSERT ON public.registry_held REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('registry_held');

CREATE TRIGGER registry_held_audit_update AFTER UPDATE ON public.registry_held REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('registry_held');

CREATE TRIGGER registry_held_is_fact BEFORE DELETE ON public.registry_held FOR EACH ROW EXECUTE FUNCTION public.refuse_change('registry_held');

CREATE TRIGGER registry_held_stays BEFORE TRUNCATE ON public.registry_held FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('registry_held');

CREATE TRIGGER registry_held_stays_decided BEFORE UPDATE ON public.registry_held FOR EACH ROW WHEN ((old.decided_by IS NOT NULL)) EXECUTE FUNCTION public.refuse_change('registry_held');

CREATE TRIGGER registry_problem_audit_delete AFTER DELETE ON public.registry_problem REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('registry_problem');

CREATE TRIGGER registry_problem_audit_insert AFTER INSERT ON public.registry_problem REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('registry_problem');

CREATE TRIGGER registry_problem_audit_update AFTER UPDATE ON public.registry_problem REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('registry_problem');

CREATE TRIGGER registry_problem_is_fact BEFORE DELETE OR UPDATE ON public.registry_problem FOR EACH ROW EXECUTE FUNCTION public.refuse_change('registry_problem');

CREATE TRIGGER registry_problem_stays BEFORE TRUNCATE ON public.registry_problem FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('registry_problem');

CREATE TRIGGER registry_profile_audit AFTER INSERT OR DELETE OR UPDATE ON public.registry_profile FOR EACH ROW EXECUTE FUNCTION public.write_audit('registry_profile');

CREATE CONSTRAINT TRIGGER registry_profile_release AFTER INSERT OR DELETE OR UPDATE ON public.registry_profile DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER resource_audit AFTER INSERT OR DELETE OR UPDATE ON public.resource FOR EACH ROW EXECUTE FUNCTION public.write_audit('resource');

CREATE CONSTRAINT TRIGGER resource_release AFTER INSERT OR DELETE OR UPDATE ON public.resource DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER resource_version AFTER DELETE OR UPDATE ON public.resource FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('resource', 'reference');

ALTER TABLE public.resource ENABLE ALWAYS TRIGGER resource_version;

CREATE TRIGGER resource_versions AFTER INSERT OR DELETE OR UPDATE ON public.resource FOR EACH ROW EXECUTE FUNCTION public.keep_version('resource');

CREATE TRIGGER row_version_is_fact BEFORE DELETE OR UPDATE ON public.row_version FOR EACH ROW EXECUTE FUNCTION public.refuse_change('row_version');

CREATE TRIGGER row_version_stays BEFORE TRUNCATE ON public.row_version FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('row_version');

CREATE TRIGGER service_point_audit AFTER INSERT OR DELETE OR UPDATE ON public.service_point FOR EACH ROW EXECUTE FUNCTION public.write_audit('service_point');

CREATE TRIGGER service_point_version AFTER DELETE OR UPDATE ON public.service_point FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('service_point', 'operational');

CREATE TRIGGER shadow_result_audit AFTER INSERT OR DELETE OR UPDATE ON public.shadow_result FOR EACH ROW EXECUTE FUNCTION public.write_audit('shadow_result');

CREATE TRIGGER shadow_run_audit AFTER INSERT OR DELETE OR UPDATE ON public.shadow_run FOR EACH ROW EXECUTE FUNCTION public.write_audit('shadow_run');

CREATE TRIGGER staff_member_audit AFTER INSERT OR DELETE OR UPDATE ON public.staff_member FOR EACH ROW EXECUTE FUNCTION public.write_audit('staff_member');

CREATE CONSTRAINT TRIGGER staff_member_release AFTER INSERT OR DELETE OR UPDATE ON public.staff_member DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER statement_row_audit AFTER DELETE OR UPDATE ON public.statement_row FOR EACH ROW EXECUTE FUNCTION public.write_audit('statement_row');

CREATE TRIGGER statement_row_audit_insert AFTER INSERT ON public.statement_row REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('statement_row');

CREATE TRIGGER stored_file_audit_delete AFTER DELETE ON public.stored_file REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('stored_file');

CREATE TRIGGER stored_file_audit_insert AFTER INSERT ON public.stored_file REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('stored_file');

CREATE TRIGGER stored_file_audit_update AFTER UPDATE ON public.stored_file REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('stored_file');

CREATE TRIGGER stored_file_is_fact BEFORE DELETE OR UPDATE ON public.stored_file FOR EACH ROW EXECUTE FUNCTION public.refuse_change('stored_file');

CREATE TRIGGER stored_file_stays BEFORE TRUNCATE ON public.stored_file FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('stored_file');

CREATE TRIGGER street_audit AFTER INSERT OR DELETE OR UPDATE ON public.street FOR EACH ROW EXECUTE FUNCTION public.write_audit('street');

CREATE CONSTRAINT TRIGGER street_release AFTER INSERT OR DELETE OR UPDATE ON public.street DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER street_version AFTER DELETE OR UPDATE ON public.street FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('street', 'reference');

ALTER TABLE public.street ENABLE ALWAYS TRIGGER street_version;

CREATE TRIGGER street_versions AFTER INSERT OR DELETE OR UPDATE ON public.street FOR EACH ROW EXECUTE FUNCTION public.keep_version('street');

CREATE TRIGGER subsidy_audit_delete AFTER DELETE ON public.subsidy REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('subsidy');

CREATE TRIGGER subsidy_audit_insert AFTER INSERT ON public.subsidy REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('subsidy');

CREATE TRIGGER subsidy_audit_update AFTER UPDATE ON public.subsidy REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('subsidy');

CREATE TRIGGER subsidy_is_fact BEFORE DELETE OR UPDATE ON public.subsidy FOR EACH ROW EXECUTE FUNCTION public.refuse_change('subsidy');

CREATE TRIGGER subsidy_stays BEFORE TRUNCATE ON public.subsidy FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('subsidy');

CREATE TRIGGER substitution_audit AFTER INSERT OR DELETE OR UPDATE ON public.substitution FOR EACH ROW EXECUTE FUNCTION public.write_audit('substitution');

CREATE CONSTRAINT TRIGGER substitution_release AFTER INSERT OR DELETE OR UPDATE ON public.substitution DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER supply_audit AFTER INSERT OR DELETE OR UPDATE ON public.supply FOR EACH ROW EXECUTE FUNCTION public.write_audit('supply');

CREATE TRIGGER supply_term_audit AFTER INSERT OR DELETE OR UPDATE ON public.supply_term FOR EACH ROW EXECUTE FUNCTION public.write_audit('supply_term');

CREATE TRIGGER supply_version AFTER DELETE OR UPDATE ON public.supply FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('supply', 'operational');

CREATE TRIGGER sync_conflict_audit AFTER INSERT OR DELETE OR UPDATE ON public.sync_conflict FOR EACH ROW EXECUTE FUNCTION public.write_audit('sync_conflict');

CREATE TRIGGER sync_package_audit AFTER INSERT OR DELETE OR UPDATE ON public.sync_package FOR EACH ROW EXECUTE FUNCTION public.write_audit('sync_package');

CREATE TRIGGER tariff_audit AFTER INSERT OR DELETE OR UPDATE ON public.tariff FOR EACH ROW EXECUTE FUNCTION public.write_audit('tariff');

CREATE TRIGGER tariff_block_audit AFTER INSERT OR DELETE OR UPDATE ON public.tariff_block FOR EACH ROW EXECUTE FUNCTION public.write_audit('tariff_block');

CREATE CONSTRAINT TRIGGER tariff_block_release AFTER INSERT OR DELETE OR UPDATE ON public.tariff_block DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER tariff_block_version AFTER DELETE OR UPDATE ON public.tariff_block FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('tariff_block', 'reference');

ALTER TABLE public.tariff_block ENABLE ALWAYS TRIGGER tariff_block_version;

CREATE TRIGGER tariff_block_versions AFTER INSERT OR DELETE OR UPDATE ON public.tariff_block FOR EACH ROW EXECUTE FUNCTION public.keep_version('tariff_block');

CREATE TRIGGER tariff_group_audit AFTER INSERT OR DELETE OR UPDATE ON public.tariff_group FOR EACH ROW EXECUTE FUNCTION public.write_audit('tariff_group');

CREATE CONSTRAINT TRIGGER tariff_group_release AFTER INSERT OR DELETE OR UPDATE ON public.tariff_group DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER tariff_group_versions AFTER INSERT OR DELETE OR UPDATE ON public.tariff_group FOR EACH ROW EXECUTE FUNCTION public.keep_version('tariff_group');

CREATE CONSTRAINT TRIGGER tariff_release AFTER INSERT OR DELETE OR UPDATE ON public.tariff DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER tariff_version AFTER DELETE OR UPDATE ON public.tariff FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('tariff', 'reference');

ALTER TABLE public.tariff ENABLE ALWAYS TRIGGER tariff_version;

CREATE TRIGGER tariff_version_audit AFTER INSERT OR DELETE OR UPDATE ON public.tariff_version FOR EACH ROW EXECUTE FUNCTION public.write_audit('tariff_version');

CREATE TRIGGER tariff_version_referenced AFTER DELETE OR UPDATE OF id ON public.tariff_version FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('tariff_version', 'bill_line', 'tariff_version_id');

CREATE CONSTRAINT TRIGGER tariff_version_release AFTER INSERT OR DELETE OR UPDATE ON public.tariff_version DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER tariff_version_version AFTER DELETE OR UPDATE ON public.tariff_version FOR EACH ROW EXECUTE FUNCTION public.keep_row_version('tariff_version', 'reference');

ALTER TABLE public.tariff_version ENABLE ALWAYS TRIGGER tariff_version_version;

CREATE TRIGGER tariff_version_versions AFTER INSERT OR DELETE OR UPDATE ON public.tariff_version FOR EACH ROW EXECUTE FUNCTION public.keep_version('tariff_version');

CREATE TRIGGER tariff_versions AFTER INSERT OR DELETE OR UPDATE ON public.tariff FOR EACH ROW EXECUTE FUNCTION public.keep_version('tariff');

CREATE TRIGGER tax_invoice_audit AFTER INSERT OR DELETE OR UPDATE ON public.tax_invoice FOR EACH ROW EXECUTE FUNCTION public.write_audit('tax_invoice');

CREATE TRIGGER tax_invoice_is_fact BEFORE DELETE OR UPDATE ON public.tax_invoice FOR EACH ROW EXECUTE FUNCTION public.refuse_change('tax_invoice');

CREATE TRIGGER tax_invoice_stays BEFORE TRUNCATE ON public.tax_invoice FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change('tax_invoice');

CREATE TRIGGER tender_audit_delete AFTER DELETE ON public.tender REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('tender');

CREATE TRIGGER tender_audit_insert AFTER INSERT ON public.tender REFERENCING NEW TABLE AS moved FOR EACH STATEMENT WHEN ((current_setting('app.actor'::text, true) IS DISTINCT FROM 'intake'::text)) EXECUTE FUNCTION public.write_statement('tender');

CREATE TRIGGER tender_audit_update AFTER UPDATE ON public.tender REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION public.write_statement('tender');

CREATE TRIGGER tender_awaited AFTER DELETE OR UPDATE OF id ON public.tender FOR EACH ROW EXECUTE FUNCTION public.wait_for_payments();

CREATE TRIGGER tender_is_counted BEFORE INSERT ON public.tender FOR EACH ROW WHEN (((new.payment_control_id IS NOT NULL) AND (new.row_no IS NULL))) EXECUTE FUNCTION public.move_to_counted_control();

CREATE TRIGGER tender_referenced AFTER DELETE OR UPDATE OF id ON public.tender FOR EACH ROW EXECUTE FUNCTION public.keep_referenced('tender', 'payment', 'tender_id');

CREATE TRIGGER tender_references AFTER INSERT ON public.tender REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_tender('division_id', 'division', 'payment_contract_id', 'payment_contract', 'account_id', 'account', 'payment_control_id', 'payment_control', 'reversal_control_id', 'payment_control');

CREATE TRIGGER tender_references_later AFTER UPDATE ON public.tender REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.check_references_of_tender('division_id', 'division', 'payment_contract_id', 'payment_contract', 'account_id', 'account', 'payment_control_id', 'payment_control', 'reversal_control_id', 'payment_control');

CREATE TRIGGER tender_stays_counted BEFORE UPDATE OF payment_control_id, reversal_control_id ON public.tender FOR EACH ROW WHEN (((new.payment_control_id IS DISTINCT FROM old.payment_control_id) OR (new.reversal_control_id IS DISTINCT FROM old.reversal_control_id))) EXECUTE FUNCTION public.move_to_counted_control();

CREATE TRIGGER totp_device_audit AFTER INSERT OR DELETE OR UPDATE ON public.totp_device FOR EACH ROW EXECUTE FUNCTION public.write_audit('totp_device', 'last_step');

CREATE TRIGGER translation_audit AFTER INSERT OR DELETE OR UPDATE ON public.translation FOR EACH ROW EXECUTE FUNCTION public.write_audit('translation');

CREATE CONSTRAINT TRIGGER translation_release AFTER INSERT OR DELETE OR UPDATE ON public.translation DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER user_session_audit AFTER INSERT OR DELETE OR UPDATE ON public.user_session FOR EACH ROW EXECUTE FUNCTION public.write_audit('user_session', 'seen_at', 'wrong_codes');

CREATE TRIGGER vat_rate_audit AFTER INSERT OR DELETE OR UPDATE ON public.vat_rate FOR EACH ROW EXECUTE FUNCTION public.write_audit('vat_rate');

CREATE CONSTRAINT TRIGGER vat_rate_release AFTER INSERT OR DELETE OR UPDATE ON public.vat_rate DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.release_reference();

CREATE TRIGGER vat_rate_versions AFTER INSERT OR DELETE OR UPDATE ON public.vat_rate FOR EACH ROW EXECUTE FUNCTION public.keep_version('vat_rate');

ALTER TABLE ONLY public.ab_api_key
    ADD CONSTRAINT ab_api_key_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_group_role
    ADD CONSTRAINT ab_group_role_group_id_fkey FOREIGN KEY (group_id) REFERENCES public.ab_group(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_group_role
    ADD CONSTRAINT ab_group_role_role_id_fkey FOREIGN KEY (role_id) REFERENCES public.ab_role(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_permission_view
    ADD CONSTRAINT ab_permission_view_permission_id_fkey FOREIGN KEY (permission_id) REFERENCES public.ab_permission(id);

ALTER TABLE ONLY public.ab_permission_view_role
    ADD CONSTRAINT ab_permission_view_role_permission_view_id_fkey FOREIGN KEY (permission_view_id) REFERENCES public.ab_permission_view(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_permission_view_role
    ADD CONSTRAINT ab_permission_view_role_role_id_fkey FOREIGN KEY (role_id) REFERENCES public.ab_role(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_permission_view
    ADD CONSTRAINT ab_permission_view_view_menu_id_fkey FOREIGN KEY (view_menu_id) REFERENCES public.ab_view_menu(id);

ALTER TABLE ONLY public.ab_user
    ADD CONSTRAINT ab_user_changed_by_fk_fkey FOREIGN KEY (changed_by_fk) REFERENCES public.ab_user(id);

ALTER TABLE ONLY public.ab_user
    ADD CONSTRAINT ab_user_created_by_fk_fkey FOREIGN KEY (created_by_fk) REFERENCES public.ab_user(id);

ALTER TABLE ONLY public.ab_user_group
    ADD CONSTRAINT ab_user_group_group_id_fkey FOREIGN KEY (group_id) REFERENCES public.ab_group(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_user_group
    ADD CONSTRAINT ab_user_group_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_user_role
    ADD CONSTRAINT ab_user_role_role_id_fkey FOREIGN KEY (role_id) REFERENCES public.ab_role(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ab_user_role
    ADD CONSTRAINT ab_user_role_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_benefit
    ADD CONSTRAINT account_benefit_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_benefit
    ADD CONSTRAINT account_benefit_benefit_id_fkey FOREIGN KEY (benefit_id) REFERENCES public.benefit(id);

ALTER TABLE ONLY public.account_benefit
    ADD CONSTRAINT account_benefit_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_consumer_id_fkey FOREIGN KEY (consumer_id) REFERENCES public.consumer(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_continues_id_fkey FOREIGN KEY (continues_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.account_document
    ADD CONSTRAINT account_document_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_document
    ADD CONSTRAINT account_document_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.account_document
    ADD CONSTRAINT account_document_stored_file_id_fkey FOREIGN KEY (stored_file_id) REFERENCES public.stored_file(id);

ALTER TABLE ONLY public.account_position
    ADD CONSTRAINT account_position_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_position
    ADD CONSTRAINT account_position_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.account_statement
    ADD CONSTRAINT account_statement_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_statement
    ADD CONSTRAINT account_statement_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.accounting_period
    ADD CONSTRAINT accounting_period_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_consumer_id_fkey FOREIGN KEY (consumer_id) REFERENCES public.consumer(id);

ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.act
    ADD CONSTRAINT act_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES public.act(id);

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.adjustment
    ADD CONSTRAINT adjustment_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES public.adjustment(id);

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE public.audit_entry
    ADD CONSTRAINT audit_entry_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.bill_correction
    ADD CONSTRAINT bill_correction_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.bill_correction
    ADD CONSTRAINT bill_correction_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.bill_correction
    ADD CONSTRAINT bill_correction_tariff_group_id_fkey FOREIGN KEY (tariff_group_id) REFERENCES public.tariff_group(id);

ALTER TABLE ONLY public.bill_exception
    ADD CONSTRAINT bill_exception_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.bill_exception
    ADD CONSTRAINT bill_exception_bill_run_id_fkey FOREIGN KEY (bill_run_id) REFERENCES public.bill_run(id);

ALTER TABLE ONLY public.bill_exception
    ADD CONSTRAINT bill_exception_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.bill_hold
    ADD CONSTRAINT bill_hold_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.bill_hold
    ADD CONSTRAINT bill_hold_bill_run_id_fkey FOREIGN KEY (bill_run_id) REFERENCES public.bill_run(id);

ALTER TABLE ONLY public.bill_hold
    ADD CONSTRAINT bill_hold_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.bill_run
    ADD CONSTRAINT bill_run_correction_id_fkey FOREIGN KEY (correction_id) REFERENCES public.bill_correction(id);

ALTER TABLE ONLY public.bill_run
    ADD CONSTRAINT bill_run_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.billable_charge
    ADD CONSTRAINT billable_charge_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.billable_charge
    ADD CONSTRAINT billable_charge_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.billable_charge
    ADD CONSTRAINT billable_charge_reverses_id_fkey FOREIGN KEY (reverses_id) REFERENCES public.billable_charge(id);

ALTER TABLE ONLY public.consumer
    ADD CONSTRAINT consumer_bank_id_fkey FOREIGN KEY (bank_id) REFERENCES public.bank(id);

ALTER TABLE ONLY public.consumer
    ADD CONSTRAINT consumer_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.consumer
    ADD CONSTRAINT consumer_joined_to_id_fkey FOREIGN KEY (joined_to_id) REFERENCES public.consumer(id);

ALTER TABLE ONLY public.contract_account
    ADD CONSTRAINT contract_account_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.contract_account
    ADD CONSTRAINT contract_account_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contract(id);

ALTER TABLE ONLY public.contract_account
    ADD CONSTRAINT contract_account_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_consumer_id_fkey FOREIGN KEY (consumer_id) REFERENCES public.consumer(id);

ALTER TABLE ONLY public.contract_counter
    ADD CONSTRAINT contract_counter_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.contract_paper
    ADD CONSTRAINT contract_paper_contract_id_fkey FOREIGN KEY (contract_id) REFERENCES public.contract(id);

ALTER TABLE ONLY public.contract_paper
    ADD CONSTRAINT contract_paper_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.control_entry
    ADD CONSTRAINT control_entry_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.control_entry
    ADD CONSTRAINT control_entry_payment_control_id_fkey FOREIGN KEY (payment_control_id) REFERENCES public.payment_control(id);

ALTER TABLE ONLY public.control_entry
    ADD CONSTRAINT control_entry_tender_id_fkey FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.department
    ADD CONSTRAINT department_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.department
    ADD CONSTRAINT department_parent_fkey FOREIGN KEY (parent_id, division_id) REFERENCES public.department(id, division_id);

ALTER TABLE ONLY public.division_access
    ADD CONSTRAINT division_access_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_access
    ADD CONSTRAINT division_access_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id);

ALTER TABLE ONLY public.division
    ADD CONSTRAINT division_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.division_turnover
    ADD CONSTRAINT division_turnover_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.given_password
    ADD CONSTRAINT given_password_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.inspection_record
    ADD CONSTRAINT inspection_record_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.inspection_record
    ADD CONSTRAINT inspection_record_charge_id_fkey FOREIGN KEY (charge_id) REFERENCES public.billable_charge(id);

ALTER TABLE ONLY public.inspection_record
    ADD CONSTRAINT inspection_record_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.job_event
    ADD CONSTRAINT job_event_job_run_id_fkey FOREIGN KEY (job_run_id) REFERENCES public.job_run(id);

ALTER TABLE ONLY public.job_run
    ADD CONSTRAINT job_run_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.limit_use
    ADD CONSTRAINT limit_use_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.limit_use
    ADD CONSTRAINT limit_use_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.mahalla
    ADD CONSTRAINT mahalla_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.meter_data_source
    ADD CONSTRAINT meter_data_source_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.meter
    ADD CONSTRAINT meter_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.meter_installation
    ADD CONSTRAINT meter_installation_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.meter_installation
    ADD CONSTRAINT meter_installation_meter_id_fkey FOREIGN KEY (meter_id) REFERENCES public.meter(id);

ALTER TABLE ONLY public.meter_installation
    ADD CONSTRAINT meter_installation_service_point_id_fkey FOREIGN KEY (service_point_id) REFERENCES public.service_point(id);

ALTER TABLE ONLY public.meter
    ADD CONSTRAINT meter_model_id_fkey FOREIGN KEY (model_id) REFERENCES public.meter_model(id);

ALTER TABLE ONLY public.meter_model
    ADD CONSTRAINT meter_model_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id);

ALTER TABLE ONLY public.node
    ADD CONSTRAINT node_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.node_state
    ADD CONSTRAINT node_state_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.notice_attempt
    ADD CONSTRAINT notice_attempt_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.notice_attempt
    ADD CONSTRAINT notice_attempt_job_run_id_fkey FOREIGN KEY (job_run_id) REFERENCES public.job_run(id);

ALTER TABLE ONLY public.notice_attempt
    ADD CONSTRAINT notice_attempt_notice_id_fkey FOREIGN KEY (notice_id) REFERENCES public.notice(id);

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.notice
    ADD CONSTRAINT notice_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id);

ALTER TABLE ONLY public.paper_print
    ADD CONSTRAINT paper_print_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.payment_block
    ADD CONSTRAINT payment_block_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.payment_block
    ADD CONSTRAINT payment_block_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.payment_control
    ADD CONSTRAINT payment_control_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.payment_control
    ADD CONSTRAINT payment_control_payment_contract_id_fkey FOREIGN KEY (payment_contract_id) REFERENCES public.payment_contract(id);

ALTER TABLE ONLY public.payment_control
    ADD CONSTRAINT payment_control_registry_profile_id_fkey FOREIGN KEY (registry_profile_id) REFERENCES public.registry_profile(id);

ALTER TABLE ONLY public.payment_control
    ADD CONSTRAINT payment_control_stored_file_id_fkey FOREIGN KEY (stored_file_id) REFERENCES public.stored_file(id);

ALTER TABLE ONLY public.penalty
    ADD CONSTRAINT penalty_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.penalty
    ADD CONSTRAINT penalty_bill_id_fkey FOREIGN KEY (bill_id) REFERENCES public.bill(id);

ALTER TABLE ONLY public.penalty
    ADD CONSTRAINT penalty_charge_id_fkey FOREIGN KEY (charge_id) REFERENCES public.billable_charge(id);

ALTER TABLE ONLY public.penalty
    ADD CONSTRAINT penalty_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.penalty_hold
    ADD CONSTRAINT penalty_hold_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.penalty_hold
    ADD CONSTRAINT penalty_hold_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.penalty
    ADD CONSTRAINT penalty_penalty_run_id_fkey FOREIGN KEY (penalty_run_id) REFERENCES public.penalty_run(id);

ALTER TABLE ONLY public.penalty_run
    ADD CONSTRAINT penalty_run_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.penalty_run
    ADD CONSTRAINT penalty_run_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.portal_code
    ADD CONSTRAINT portal_code_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.portal_code
    ADD CONSTRAINT portal_code_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.prepaid_volume
    ADD CONSTRAINT prepaid_volume_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.prepaid_volume
    ADD CONSTRAINT prepaid_volume_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.prepaid_volume
    ADD CONSTRAINT prepaid_volume_tariff_version_id_fkey FOREIGN KEY (tariff_version_id) REFERENCES public.tariff_version(id);

ALTER TABLE ONLY public.prepaid_withdrawal
    ADD CONSTRAINT prepaid_withdrawal_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.prepaid_withdrawal
    ADD CONSTRAINT prepaid_withdrawal_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.prepaid_withdrawal
    ADD CONSTRAINT prepaid_withdrawal_prepaid_volume_id_fkey FOREIGN KEY (prepaid_volume_id) REFERENCES public.prepaid_volume(id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.reading_import
    ADD CONSTRAINT reading_import_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.reading_import
    ADD CONSTRAINT reading_import_meter_data_source_id_fkey FOREIGN KEY (meter_data_source_id) REFERENCES public.meter_data_source(id);

ALTER TABLE ONLY public.reading_import_row
    ADD CONSTRAINT reading_import_row_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.reading_import_row
    ADD CONSTRAINT reading_import_row_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.reading_import_row
    ADD CONSTRAINT reading_import_row_meter_installation_id_fkey FOREIGN KEY (meter_installation_id) REFERENCES public.meter_installation(id);

ALTER TABLE ONLY public.reading_import_row
    ADD CONSTRAINT reading_import_row_reading_id_fkey FOREIGN KEY (reading_id) REFERENCES public.reading(id);

ALTER TABLE ONLY public.reading_import_row
    ADD CONSTRAINT reading_import_row_reading_import_id_fkey FOREIGN KEY (reading_import_id) REFERENCES public.reading_import(id);

ALTER TABLE ONLY public.reading_import_row
    ADD CONSTRAINT reading_import_row_register_id_fkey FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.reading_import
    ADD CONSTRAINT reading_import_stored_file_id_fkey FOREIGN KEY (stored_file_id) REFERENCES public.stored_file(id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_meter_installation_id_fkey FOREIGN KEY (meter_installation_id) REFERENCES public.meter_installation(id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_reading_import_id_fkey FOREIGN KEY (reading_import_id) REFERENCES public.reading_import(id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_register_id_fkey FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_replaces_id_fkey FOREIGN KEY (replaces_id) REFERENCES public.reading(id);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_payment_contract_id_fkey FOREIGN KEY (payment_contract_id) REFERENCES public.payment_contract(id);

ALTER TABLE ONLY public.reconciliation_row
    ADD CONSTRAINT reconciliation_row_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.reconciliation_row
    ADD CONSTRAINT reconciliation_row_payment_contract_id_fkey FOREIGN KEY (payment_contract_id) REFERENCES public.payment_contract(id);

ALTER TABLE ONLY public.reference_change
    ADD CONSTRAINT reference_change_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.approval(id);

ALTER TABLE ONLY public.reference_change
    ADD CONSTRAINT reference_change_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.register
    ADD CONSTRAINT register_meter_id_fkey FOREIGN KEY (meter_id) REFERENCES public.meter(id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_approval_id_fkey FOREIGN KEY (approval_id) REFERENCES public.approval(id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_job_run_id_fkey FOREIGN KEY (job_run_id) REFERENCES public.job_run(id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_payment_contract_id_fkey FOREIGN KEY (payment_contract_id) REFERENCES public.payment_contract(id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_payment_control_id_fkey FOREIGN KEY (payment_control_id) REFERENCES public.payment_control(id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_tender_id_fkey FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.registry_held
    ADD CONSTRAINT registry_held_twin_control_id_fkey FOREIGN KEY (twin_control_id) REFERENCES public.payment_control(id);

ALTER TABLE ONLY public.registry_problem
    ADD CONSTRAINT registry_problem_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.registry_problem
    ADD CONSTRAINT registry_problem_payment_control_id_fkey FOREIGN KEY (payment_control_id) REFERENCES public.payment_control(id);

ALTER TABLE ONLY public.registry_profile
    ADD CONSTRAINT registry_profile_payment_contract_id_fkey FOREIGN KEY (payment_contract_id) REFERENCES public.payment_contract(id);

ALTER TABLE ONLY public.row_version
    ADD CONSTRAINT row_version_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.service_point
    ADD CONSTRAINT service_point_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.service_point
    ADD CONSTRAINT service_point_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id);

ALTER TABLE ONLY public.service_point
    ADD CONSTRAINT service_point_street_id_fkey FOREIGN KEY (street_id) REFERENCES public.street(id);

ALTER TABLE ONLY public.shadow_result
    ADD CONSTRAINT shadow_result_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.shadow_result
    ADD CONSTRAINT shadow_result_shadow_run_id_fkey FOREIGN KEY (shadow_run_id) REFERENCES public.shadow_run(id);

ALTER TABLE ONLY public.shadow_result
    ADD CONSTRAINT shadow_result_tariff_group_id_fkey FOREIGN KEY (tariff_group_id) REFERENCES public.tariff_group(id);

ALTER TABLE ONLY public.shadow_run
    ADD CONSTRAINT shadow_run_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.shadow_run
    ADD CONSTRAINT shadow_run_tariff_id_fkey FOREIGN KEY (tariff_id) REFERENCES public.tariff(id);

ALTER TABLE ONLY public.staff_member
    ADD CONSTRAINT staff_member_department_fkey FOREIGN KEY (department_id, division_id) REFERENCES public.department(id, division_id);

ALTER TABLE ONLY public.staff_member
    ADD CONSTRAINT staff_member_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.staff_member
    ADD CONSTRAINT staff_member_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.post(id);

ALTER TABLE ONLY public.staff_member
    ADD CONSTRAINT staff_member_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id);

ALTER TABLE ONLY public.statement_row
    ADD CONSTRAINT statement_row_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.statement_row
    ADD CONSTRAINT statement_row_payment_contract_id_fkey FOREIGN KEY (payment_contract_id) REFERENCES public.payment_contract(id);

ALTER TABLE ONLY public.stored_file
    ADD CONSTRAINT stored_file_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.street
    ADD CONSTRAINT street_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.street
    ADD CONSTRAINT street_mahalla_id_fkey FOREIGN KEY (mahalla_id) REFERENCES public.mahalla(id);

ALTER TABLE ONLY public.subsidy
    ADD CONSTRAINT subsidy_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.subsidy
    ADD CONSTRAINT subsidy_charge_id_fkey FOREIGN KEY (charge_id) REFERENCES public.billable_charge(id);

ALTER TABLE ONLY public.subsidy
    ADD CONSTRAINT subsidy_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.substitution
    ADD CONSTRAINT substitution_absent_id_fkey FOREIGN KEY (absent_id) REFERENCES public.staff_member(id);

ALTER TABLE ONLY public.substitution
    ADD CONSTRAINT substitution_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.substitution
    ADD CONSTRAINT substitution_substitute_id_fkey FOREIGN KEY (substitute_id) REFERENCES public.staff_member(id);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_service_point_id_fkey FOREIGN KEY (service_point_id) REFERENCES public.service_point(id);

ALTER TABLE ONLY public.supply
    ADD CONSTRAINT supply_tariff_group_id_fkey FOREIGN KEY (tariff_group_id) REFERENCES public.tariff_group(id);

ALTER TABLE ONLY public.supply_term
    ADD CONSTRAINT supply_term_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.supply_term
    ADD CONSTRAINT supply_term_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.tariff_block
    ADD CONSTRAINT tariff_block_version_id_fkey FOREIGN KEY (version_id) REFERENCES public.tariff_version(id);

ALTER TABLE ONLY public.tariff
    ADD CONSTRAINT tariff_resource_id_fkey FOREIGN KEY (resource_id) REFERENCES public.resource(id);

ALTER TABLE ONLY public.tariff
    ADD CONSTRAINT tariff_tariff_group_id_fkey FOREIGN KEY (tariff_group_id) REFERENCES public.tariff_group(id);

ALTER TABLE ONLY public.tariff_version
    ADD CONSTRAINT tariff_version_tariff_id_fkey FOREIGN KEY (tariff_id) REFERENCES public.tariff(id);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_bill_id_fkey FOREIGN KEY (bill_id) REFERENCES public.bill(id);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_corrects_id_fkey FOREIGN KEY (corrects_id) REFERENCES public.tax_invoice(id);

ALTER TABLE ONLY public.tax_invoice
    ADD CONSTRAINT tax_invoice_division_id_fkey FOREIGN KEY (division_id) REFERENCES public.division(id);

ALTER TABLE ONLY public.totp_device
    ADD CONSTRAINT totp_device_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.user_session
    ADD CONSTRAINT user_session_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.ab_user(id) ON DELETE CASCADE;

ALTER TABLE monthly.audit_entry_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE monthly.gateway_call_default ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.account ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.account_balance ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.account_benefit ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.account_document ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.account_position ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.account_statement ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.accounting_period ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.act ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.adjustment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.allocation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.approval ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_entry ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bill ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bill_correction ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bill_exception ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bill_hold ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bill_line ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.bill_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.billable_charge ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.consumer ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.consumption ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contract ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contract_account ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contract_counter ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contract_paper ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.control_entry ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.debt ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.department ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.division_access ENABLE ROW LEVEL SECURITY;

CREATE POLICY division_scope ON public.account USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.account_balance USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.account_benefit USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.account_document USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.account_position USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.account_statement USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.accounting_period USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.act USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.adjustment USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.allocation USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.approval USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.audit_entry USING (((division_id IS NULL) OR (division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])))) WITH CHECK (((division_id IS NULL) OR (division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))));

CREATE POLICY division_scope ON public.bill USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.bill_correction USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.bill_exception USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.bill_hold USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.bill_line USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.bill_run USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.billable_charge USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.consumer USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.consumption USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.contract USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.contract_account USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.contract_counter USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.contract_paper USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.control_entry USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.debt USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.department USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.division_access USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.division_turnover USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.inspection_record USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.job_event USING ((EXISTS ( SELECT 1
   FROM public.job_run o
  WHERE (o.id = job_event.job_run_id)))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.job_run o
  WHERE (o.id = job_event.job_run_id))));

CREATE POLICY division_scope ON public.job_run USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.ledger_entry USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.limit_use USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.mahalla USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.meter USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.meter_data_source USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.meter_installation USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.node USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.node_state USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.notice USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.notice_attempt USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.paper_print USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.payment USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.payment_block USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.payment_control USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.penalty USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.penalty_hold USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.penalty_run USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.portal_code USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.prepaid_volume USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.prepaid_withdrawal USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.reading USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.reading_import USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.reading_import_row USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.reconciliation USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.reconciliation_row USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.reference_change USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.register USING ((EXISTS ( SELECT 1
   FROM public.meter o
  WHERE (o.id = register.meter_id)))) WITH CHECK ((EXISTS ( SELECT 1
   FROM public.meter o
  WHERE (o.id = register.meter_id))));

CREATE POLICY division_scope ON public.registry_held USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.registry_problem USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.row_version USING (((division_id IS NULL) OR (division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])))) WITH CHECK (((division_id IS NULL) OR (division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))));

CREATE POLICY division_scope ON public.service_point USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.shadow_result USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.shadow_run USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.staff_member USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.statement_row USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.stored_file USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.street USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.subsidy USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.substitution USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.supply USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.supply_term USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.tax_invoice USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

CREATE POLICY division_scope ON public.tender USING ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[]))) WITH CHECK ((division_id = ANY (( SELECT public.app_divisions() AS app_divisions)::bigint[])));

ALTER TABLE public.division_turnover ENABLE ROW LEVEL SECURITY;

CREATE POLICY every_division ON public.account TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.account_balance TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.account_benefit TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.account_document TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.account_position TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.account_statement TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.accounting_period TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.act TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.adjustment TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.allocation TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.approval TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.audit_entry TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.bill TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.bill_correction TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.bill_exception TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.bill_hold TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.bill_line TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.bill_run TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.billable_charge TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.consumer TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.consumption TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.contract TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.contract_account TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.contract_counter TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.contract_paper TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.control_entry TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.debt TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.department TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.division_access TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.division_turnover TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.inspection_record TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.job_event TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.job_run TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.ledger_entry TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.limit_use TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.mahalla TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.meter TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.meter_data_source TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.meter_installation TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.node TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.node_state TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.notice TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.notice_attempt TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.paper_print TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.payment TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.payment_block TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.payment_control TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.penalty TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.penalty_hold TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.penalty_run TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.portal_code TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.prepaid_volume TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.prepaid_withdrawal TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.reading TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.reading_import TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.reading_import_row TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.reconciliation TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.reconciliation_row TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.reference_change TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.register TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.registry_held TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.registry_problem TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.row_version TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.service_point TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.shadow_result TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.shadow_run TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.staff_member TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.statement_row TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.stored_file TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.street TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.subsidy TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.substitution TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.supply TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.supply_term TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.tax_invoice TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

CREATE POLICY every_division ON public.tender TO pcb_owner, pcb_worker USING (true) WITH CHECK (true);

ALTER TABLE public.inspection_record ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job_event ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.job_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ledger_entry ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.limit_use ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mahalla ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meter ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meter_data_source ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meter_installation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.node ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.node_state ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notice ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notice_attempt ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.paper_print ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_block ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.payment_control ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.penalty ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.penalty_hold ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.penalty_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.portal_code ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.prepaid_volume ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.prepaid_withdrawal ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reading ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reading_import ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reading_import_row ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reconciliation ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reconciliation_row ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.reference_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.register ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.registry_held ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.registry_problem ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.row_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.service_point ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shadow_result ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.shadow_run ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.staff_member ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.statement_row ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.stored_file ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.street ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.subsidy ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.substitution ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.supply ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.supply_term ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tax_invoice ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender ENABLE ROW LEVEL SECURITY;

GRANT USAGE ON SCHEMA archive TO pcb_worker;

GRANT USAGE ON SCHEMA report TO pcb_worker;
GRANT USAGE ON SCHEMA report TO pcb_report;

REVOKE ALL ON FUNCTION public.absent_users(who bigint, day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.absent_users(who bigint, day date) TO pcb_web;
GRANT ALL ON FUNCTION public.absent_users(who bigint, day date) TO pcb_worker;

REVOKE ALL ON FUNCTION public.access_on(which bigint, day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.access_on(which bigint, day date) TO pcb_web;
GRANT ALL ON FUNCTION public.access_on(which bigint, day date) TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.reading TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.reading TO pcb_worker;

REVOKE ALL ON FUNCTION public.billed_readings(installation bigint, counter bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_account_balance() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_allocation() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_bill() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_bill_line() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_consumption() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_debt() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_ledger_entry() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_payment() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.check_references_of_tender() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.control_sums(control bigint, OUT tenders bigint, OUT received_tiyin bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.control_sums(control bigint, OUT tenders bigint, OUT received_tiyin bigint) TO pcb_web;
GRANT ALL ON FUNCTION public.control_sums(control bigint, OUT tenders bigint, OUT received_tiyin bigint) TO pcb_worker;

REVOKE ALL ON FUNCTION public.copy_triggers(parent text, child text, of_rows boolean) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.counted_control(control bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.counted_control(control bigint) TO pcb_web;
GRANT ALL ON FUNCTION public.counted_control(control bigint) TO pcb_worker;

REVOKE ALL ON FUNCTION public.detach_month(parent text, month date) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.end_sessions(of_user integer, reason text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.end_sessions_of_member() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.end_sessions_of_user() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.grants_of_user(who bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.grants_of_user(who bigint) TO pcb_web;
GRANT ALL ON FUNCTION public.grants_of_user(who bigint) TO pcb_worker;

REVOKE ALL ON FUNCTION public.keep_billed_installation() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.keep_billed_meter() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.keep_billed_register() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.keep_referenced() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.keep_row_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.keep_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.make_month(parent text, month date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_month(parent text, month date) TO pcb_worker;

REVOKE ALL ON FUNCTION public.make_partition(parent text, child text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.open_control(control bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.open_control(control bigint) TO pcb_web;
GRANT ALL ON FUNCTION public.open_control(control bigint) TO pcb_worker;

REVOKE ALL ON FUNCTION public.refuse_change() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.refuse_occupied_meter_installation() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.refuse_occupied_register() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.refuse_place() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.refuse_place_of_owner() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.release_reference() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.show_archive(parent text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.user_divisions(who bigint, day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.user_divisions(who bigint, day date) TO pcb_web;
GRANT ALL ON FUNCTION public.user_divisions(who bigint, day date) TO pcb_worker;

REVOKE ALL ON FUNCTION public.wait_for_payments() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.write_audit() FROM PUBLIC;

REVOKE ALL ON FUNCTION public.write_reading(page text, query jsonb, tables text[], ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.write_reading(page text, query jsonb, tables text[], ids bigint[]) TO pcb_web;
GRANT ALL ON FUNCTION public.write_reading(page text, query jsonb, tables text[], ids bigint[]) TO pcb_worker;

REVOKE ALL ON FUNCTION public.write_statement() FROM PUBLIC;

GRANT SELECT ON TABLE public.audit_entry TO pcb_web;
GRANT SELECT ON TABLE public.audit_entry TO pcb_worker;

GRANT SELECT ON TABLE archive.audit_entry TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.gateway_call TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.gateway_call TO pcb_worker;

GRANT SELECT ON TABLE archive.gateway_call TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_api_key TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_api_key TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_api_key_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_api_key_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_group TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_group TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_group_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_group_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_group_role TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_group_role TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_group_role_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_group_role_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_permission TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_permission TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_permission_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_permission_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_permission_view TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_permission_view TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_permission_view_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_permission_view_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_permission_view_role TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_permission_view_role TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_permission_view_role_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_permission_view_role_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_register_user TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_register_user TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_register_user_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_register_user_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_role TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_role TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_role_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_role_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_user TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_user TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_user_group TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_user_group TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_user_group_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_user_group_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_user_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_user_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_user_role TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_user_role TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_user_role_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_user_role_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_view_menu TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ab_view_menu TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ab_view_menu_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ab_view_menu_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_balance TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_balance TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_benefit TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_benefit TO pcb_worker;

GRANT USAGE ON SEQUENCE public.account_benefit_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.account_benefit_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.account_document TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.account_document TO pcb_worker;

GRANT USAGE ON SEQUENCE public.account_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.account_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_position TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_position TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.account_statement TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.account_statement TO pcb_worker;

GRANT USAGE ON SEQUENCE public.account_statement_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.account_statement_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.accounting_period TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.accounting_period TO pcb_worker;

GRANT USAGE ON SEQUENCE public.accounting_period_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.accounting_period_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.act TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.act TO pcb_worker;

GRANT UPDATE(status) ON TABLE public.act TO pcb_web;
GRANT UPDATE(status) ON TABLE public.act TO pcb_worker;

GRANT UPDATE(account_id) ON TABLE public.act TO pcb_web;
GRANT UPDATE(account_id) ON TABLE public.act TO pcb_worker;

GRANT UPDATE(consumer_id) ON TABLE public.act TO pcb_web;
GRANT UPDATE(consumer_id) ON TABLE public.act TO pcb_worker;

GRANT UPDATE(result) ON TABLE public.act TO pcb_web;
GRANT UPDATE(result) ON TABLE public.act TO pcb_worker;

GRANT USAGE ON SEQUENCE public.act_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.act_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.adjustment TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.adjustment TO pcb_worker;

GRANT USAGE ON SEQUENCE public.adjustment_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.adjustment_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.alembic_version TO pcb_web;
GRANT SELECT ON TABLE public.alembic_version TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.allocation TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.allocation TO pcb_worker;

GRANT USAGE ON SEQUENCE public.allocation_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.allocation_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.approval TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.approval TO pcb_worker;

GRANT USAGE ON SEQUENCE public.approval_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.approval_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.audit_check TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.audit_check TO pcb_worker;

GRANT USAGE ON SEQUENCE public.audit_check_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.audit_check_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.audit_entry_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.audit_entry_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.audit_pending TO pcb_web;
GRANT SELECT,DELETE ON TABLE public.audit_pending TO pcb_worker;

GRANT SELECT ON TABLE public.audit_seal TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.audit_seal TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bank TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bank TO pcb_worker;

GRANT USAGE ON SEQUENCE public.bank_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.bank_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.benefit TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.benefit TO pcb_worker;

GRANT USAGE ON SEQUENCE public.benefit_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.benefit_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.bill TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.bill TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.bill_correction TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.bill_correction TO pcb_worker;

GRANT USAGE ON SEQUENCE public.bill_correction_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.bill_correction_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bill_exception TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bill_exception TO pcb_worker;

GRANT USAGE ON SEQUENCE public.bill_exception_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.bill_exception_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.bill_hold TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.bill_hold TO pcb_worker;

GRANT USAGE ON SEQUENCE public.bill_hold_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.bill_hold_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.bill_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.bill_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.bill_line TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.bill_line TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bill_run TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.bill_run TO pcb_worker;

GRANT USAGE ON SEQUENCE public.bill_run_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.bill_run_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.billable_charge TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.billable_charge TO pcb_worker;

GRANT USAGE ON SEQUENCE public.billable_charge_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.billable_charge_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.consumer TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.consumer TO pcb_worker;

GRANT USAGE ON SEQUENCE public.consumer_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.consumer_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.consumption TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.consumption TO pcb_worker;

GRANT USAGE ON SEQUENCE public.consumption_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.consumption_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.contract TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contract TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contract_account TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.contract_account TO pcb_worker;

GRANT USAGE ON SEQUENCE public.contract_account_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.contract_account_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.contract_counter TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contract_counter TO pcb_worker;

GRANT USAGE ON SEQUENCE public.contract_counter_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.contract_counter_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.contract_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.contract_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.contract_paper TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.contract_paper TO pcb_worker;

GRANT USAGE ON SEQUENCE public.contract_paper_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.contract_paper_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.contract_template TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.contract_template TO pcb_worker;

GRANT USAGE ON SEQUENCE public.contract_template_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.contract_template_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.control_entry TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.control_entry TO pcb_worker;

GRANT USAGE ON SEQUENCE public.control_entry_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.control_entry_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.debt TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.debt TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.department TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.department TO pcb_worker;

GRANT USAGE ON SEQUENCE public.department_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.department_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division_access TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division_access TO pcb_worker;

GRANT USAGE ON SEQUENCE public.division_access_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.division_access_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.division_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.division_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division_turnover TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.division_turnover TO pcb_worker;

GRANT USAGE ON SEQUENCE public.gateway_call_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.gateway_call_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.given_password TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.given_password TO pcb_worker;

GRANT USAGE ON SEQUENCE public.given_password_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.given_password_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.inspection_record TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.inspection_record TO pcb_worker;

GRANT USAGE ON SEQUENCE public.inspection_record_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.inspection_record_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.job_event TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.job_event TO pcb_worker;

GRANT USAGE ON SEQUENCE public.job_event_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.job_event_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_run TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_run TO pcb_worker;

GRANT USAGE ON SEQUENCE public.job_run_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.job_run_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.ledger_entry TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.ledger_entry TO pcb_worker;

GRANT USAGE ON SEQUENCE public.ledger_entry_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.ledger_entry_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.limit_use TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.limit_use TO pcb_worker;

GRANT USAGE ON SEQUENCE public.limit_use_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.limit_use_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mahalla TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mahalla TO pcb_worker;

GRANT USAGE ON SEQUENCE public.mahalla_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.mahalla_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.maintenance TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.maintenance TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.meter TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.meter TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.meter_data_source TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.meter_data_source TO pcb_worker;

GRANT USAGE ON SEQUENCE public.meter_data_source_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.meter_data_source_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.meter_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.meter_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.meter_installation TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.meter_installation TO pcb_worker;

GRANT USAGE ON SEQUENCE public.meter_installation_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.meter_installation_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.meter_model TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.meter_model TO pcb_worker;

GRANT USAGE ON SEQUENCE public.meter_model_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.meter_model_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.node TO pcb_web;
GRANT SELECT ON TABLE public.node TO pcb_worker;

GRANT USAGE ON SEQUENCE public.node_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.node_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.node_setting TO pcb_web;
GRANT SELECT ON TABLE public.node_setting TO pcb_worker;

GRANT SELECT ON TABLE public.node_state TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.node_state TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notice TO pcb_worker;

GRANT SELECT ON TABLE public.notice_attempt TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.notice_attempt TO pcb_worker;

GRANT USAGE ON SEQUENCE public.notice_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.notice_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.operating_parameter TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.operating_parameter TO pcb_worker;

GRANT USAGE ON SEQUENCE public.operating_parameter_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.operating_parameter_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.paper_print TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.paper_print TO pcb_worker;

GRANT USAGE ON SEQUENCE public.paper_print_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.paper_print_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.payment TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.payment TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_block TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_block TO pcb_worker;

GRANT USAGE ON SEQUENCE public.payment_block_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.payment_block_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_contract TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payment_contract TO pcb_worker;

GRANT USAGE ON SEQUENCE public.payment_contract_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.payment_contract_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.payment_control TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.payment_control TO pcb_worker;

GRANT USAGE ON SEQUENCE public.payment_control_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.payment_control_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.payment_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.payment_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.penalty TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.penalty TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.penalty_hold TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.penalty_hold TO pcb_worker;

GRANT USAGE ON SEQUENCE public.penalty_hold_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.penalty_hold_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.penalty_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.penalty_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.penalty_run TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.penalty_run TO pcb_worker;

GRANT USAGE ON SEQUENCE public.penalty_run_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.penalty_run_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.portal_code TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.portal_code TO pcb_worker;

GRANT USAGE ON SEQUENCE public.portal_code_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.portal_code_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.post TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.post TO pcb_worker;

GRANT USAGE ON SEQUENCE public.post_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.post_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.prepaid_volume TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.prepaid_volume TO pcb_worker;

GRANT USAGE ON SEQUENCE public.prepaid_volume_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.prepaid_volume_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.prepaid_withdrawal TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.prepaid_withdrawal TO pcb_worker;

GRANT USAGE ON SEQUENCE public.prepaid_withdrawal_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.prepaid_withdrawal_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.reading_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.reading_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reading_import TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reading_import TO pcb_worker;

GRANT USAGE ON SEQUENCE public.reading_import_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.reading_import_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reading_import_row TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reading_import_row TO pcb_worker;

GRANT USAGE ON SEQUENCE public.reading_import_row_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.reading_import_row_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.reconciliation TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.reconciliation TO pcb_worker;

GRANT USAGE ON SEQUENCE public.reconciliation_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.reconciliation_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.reconciliation_row TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.reconciliation_row TO pcb_worker;

GRANT USAGE ON SEQUENCE public.reconciliation_row_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.reconciliation_row_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.reference_change TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.reference_change TO pcb_worker;

GRANT USAGE ON SEQUENCE public.reference_change_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.reference_change_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.reference_release TO pcb_web;
GRANT SELECT ON TABLE public.reference_release TO pcb_worker;

GRANT SELECT ON TABLE public.reference_version TO pcb_web;
GRANT SELECT ON TABLE public.reference_version TO pcb_worker;

GRANT USAGE ON SEQUENCE public.reference_version_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.reference_version_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.register TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.register TO pcb_worker;

GRANT USAGE ON SEQUENCE public.register_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.register_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.registry_held TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.registry_held TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.registry_problem TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.registry_problem TO pcb_worker;

GRANT USAGE ON SEQUENCE public.registry_problem_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.registry_problem_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.registry_profile TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.registry_profile TO pcb_worker;

GRANT USAGE ON SEQUENCE public.registry_profile_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.registry_profile_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.resource TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.resource TO pcb_worker;

GRANT USAGE ON SEQUENCE public.resource_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.resource_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.row_version TO pcb_web;
GRANT SELECT ON TABLE public.row_version TO pcb_worker;

GRANT USAGE ON SEQUENCE public.row_version_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.row_version_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.service_point TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.service_point TO pcb_worker;

GRANT USAGE ON SEQUENCE public.service_point_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.service_point_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.shadow_result TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.shadow_result TO pcb_worker;

GRANT USAGE ON SEQUENCE public.shadow_result_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.shadow_result_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.shadow_run TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.shadow_run TO pcb_worker;

GRANT USAGE ON SEQUENCE public.shadow_run_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.shadow_run_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.staff_member TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.staff_member TO pcb_worker;

GRANT USAGE ON SEQUENCE public.staff_member_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.staff_member_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.statement_row TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.statement_row TO pcb_worker;

GRANT USAGE ON SEQUENCE public.statement_row_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.statement_row_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.stored_file TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.stored_file TO pcb_worker;

GRANT USAGE ON SEQUENCE public.stored_file_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.stored_file_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.street TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.street TO pcb_worker;

GRANT USAGE ON SEQUENCE public.street_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.street_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.subsidy TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.subsidy TO pcb_worker;

GRANT USAGE ON SEQUENCE public.subsidy_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.subsidy_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.substitution TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.substitution TO pcb_worker;

GRANT USAGE ON SEQUENCE public.substitution_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.substitution_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.supply TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.supply TO pcb_worker;

GRANT USAGE ON SEQUENCE public.supply_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.supply_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.supply_term TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.supply_term TO pcb_worker;

GRANT USAGE ON SEQUENCE public.supply_term_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.supply_term_id_seq TO pcb_worker;

GRANT SELECT ON TABLE public.sync_conflict TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.sync_conflict TO pcb_worker;

GRANT UPDATE(happened_at) ON TABLE public.sync_conflict TO pcb_worker;

GRANT UPDATE(count) ON TABLE public.sync_conflict TO pcb_worker;

GRANT UPDATE(total) ON TABLE public.sync_conflict TO pcb_worker;

GRANT UPDATE(settled_at) ON TABLE public.sync_conflict TO pcb_web;
GRANT UPDATE(settled_at) ON TABLE public.sync_conflict TO pcb_worker;

GRANT UPDATE(settled_by) ON TABLE public.sync_conflict TO pcb_web;
GRANT UPDATE(settled_by) ON TABLE public.sync_conflict TO pcb_worker;

GRANT USAGE ON SEQUENCE public.sync_conflict_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.sync_conflict_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sync_counter TO pcb_worker;
GRANT SELECT ON TABLE public.sync_counter TO pcb_web;

GRANT SELECT ON TABLE public.sync_package TO pcb_web;
GRANT SELECT ON TABLE public.sync_package TO pcb_worker;

GRANT USAGE ON SEQUENCE public.sync_package_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.sync_package_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff_block TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff_block TO pcb_worker;

GRANT USAGE ON SEQUENCE public.tariff_block_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.tariff_block_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff_group TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff_group TO pcb_worker;

GRANT USAGE ON SEQUENCE public.tariff_group_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.tariff_group_id_seq TO pcb_worker;

GRANT USAGE ON SEQUENCE public.tariff_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.tariff_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff_version TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tariff_version TO pcb_worker;

GRANT USAGE ON SEQUENCE public.tariff_version_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.tariff_version_id_seq TO pcb_worker;

GRANT SELECT,INSERT ON TABLE public.tax_invoice TO pcb_web;
GRANT SELECT,INSERT ON TABLE public.tax_invoice TO pcb_worker;

GRANT USAGE ON SEQUENCE public.tax_invoice_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.tax_invoice_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender TO pcb_worker;

GRANT USAGE ON SEQUENCE public.tender_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.tender_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.totp_device TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.totp_device TO pcb_worker;

GRANT USAGE ON SEQUENCE public.totp_device_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.totp_device_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.translation TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.translation TO pcb_worker;

GRANT USAGE ON SEQUENCE public.translation_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.translation_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.unkept_call TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.unkept_call TO pcb_worker;

GRANT USAGE ON SEQUENCE public.unkept_call_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.unkept_call_id_seq TO pcb_worker;

GRANT SELECT,INSERT,UPDATE ON TABLE public.user_session TO pcb_web;
GRANT SELECT,INSERT,UPDATE ON TABLE public.user_session TO pcb_worker;

GRANT USAGE ON SEQUENCE public.user_session_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.user_session_id_seq TO pcb_worker;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.vat_rate TO pcb_web;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.vat_rate TO pcb_worker;

GRANT USAGE ON SEQUENCE public.vat_rate_id_seq TO pcb_web;
GRANT USAGE ON SEQUENCE public.vat_rate_id_seq TO pcb_worker;

GRANT SELECT ON TABLE report.account_balance TO pcb_worker;
GRANT SELECT ON TABLE report.account_balance TO pcb_report;

GRANT SELECT ON TABLE report.bill TO pcb_worker;
GRANT SELECT ON TABLE report.bill TO pcb_report;

GRANT SELECT ON TABLE report.payment TO pcb_worker;
GRANT SELECT ON TABLE report.payment TO pcb_report;

-- Logs have the month it is from the beginning.

SELECT public.make_month(t, (now() AT TIME ZONE 'Asia/Tashkent')::date) FROM unnest(ARRAY['audit_entry', 'gateway_call']) AS tables (t);

INSERT INTO public.alembic_version VALUES ('0055');
