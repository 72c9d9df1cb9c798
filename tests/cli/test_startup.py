"""In production PC Billing refuses to start while anything is as in a trial, and names every fault; sign-on by a file."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from werkzeug.security import generate_password_hash

import config
from app.cli import schema, startup
from tests.databases import ROOT, environment, fresh_database

KEY = "9f2c4e7a1b8d3f60c5a7e9b2d4f6081a3c5e7d9f"


@pytest.fixture(scope="module")
def url(servers: tuple[str, str]) -> str:
    """A database with the schema and nobody in it."""
    return fresh_database(servers[0], "pc_billing_startup")


@pytest.fixture
def good(url: str) -> dict[str, str]:
    """An environment of production without a fault."""
    kept = {"PC_BILLING_ENV": "production", "SECRET_KEY": KEY, "PUBLIC_URL": "https://billing.example.uz", "TRUSTED_PROXIES": "1"}
    return {"DATABASE_URL": url, **schema.make_logins(config.database_url(url)), "REDIS_URL": "redis://:x@127.0.0.1:1/0", **kept}


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection]:
    """A look into the database; what is put there goes again."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection
        connection.execute("DELETE FROM ab_user")
        connection.execute("ALTER TABLE payment_contract DISABLE TRIGGER USER")
        connection.execute("DELETE FROM payment_contract")
        connection.execute("ALTER TABLE payment_contract ENABLE TRIGGER USER")


def found(environ: dict[str, str], **settings: Any) -> list[str]:
    given = {name: value for name, value in environ.items() if value}
    return startup.faults(environ, config.settings({"SECRET_KEY": "", "DATABASE_URL": "x://", "REDIS_URL": ""} | given) | settings)


def test_production_without_a_fault_may_start(good: dict[str, str]) -> None:
    assert found(good) == []


@pytest.mark.parametrize(
    ("environ", "settings", "fault"),
    [
        ({"SECRET_KEY": ""}, {}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": KEY[:31]}, {}, "SECRET_KEY is short"),
        ({"SECRET_KEY": "a" * 64}, {}, "SECRET_KEY is short"),
        ({"SECRET_KEY": "change-me-please-this-is-the-default-key"}, {}, "SECRET_KEY is short"),
        ({"TRUSTED_PROXIES": ""}, {}, "TRUSTED_PROXIES is 0"),
        ({"TRUSTED_PROXIES": "0"}, {}, "TRUSTED_PROXIES is 0"),
        ({"DATABASE_URL": "", "DATABASE_WEB_URL": ""}, {}, "DATABASE_URL is not set"),
        ({"DATABASE_WEB_URL": ""}, {}, "DATABASE_WEB_URL is not set"),
        ({"DATABASE_INTAKE_URL": ""}, {}, "DATABASE_INTAKE_URL is not set"),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, {}, "REDIS_URL has no password"),
        ({"REDIS_URL": "unix:///tmp/none.sock"}, {}, "REDIS_URL has no password"),
        ({"REDIS_URL": ""}, {}, "REDIS_URL is not set"),
        ({"PUBLIC_URL": "http://billing.example.uz"}, {}, "PUBLIC_URL is no https"),
        ({"FLASK_DEBUG": "1"}, {}, "FLASK_DEBUG is on"),
        ({"MAIL_HOST": "mail.example.uz", "MAIL_FROM": "a@b.uz", "MAIL_SECURITY": "none"}, {}, "MAIL_SECURITY is none"),
        ({}, {"DEBUG": True}, "DEBUG is on"),
        ({}, {"WTF_CSRF_ENABLED": False}, "WTF_CSRF_ENABLED is off"),
        ({}, {"RATELIMIT_ENABLED": False}, "RATELIMIT_ENABLED is off"),
        ({}, {"RATELIMIT_STORAGE_URI": "memory://"}, "RATELIMIT_STORAGE_URI is the memory"),
        ({"TOTP_REQUIRED": "0"}, {}, "TOTP_REQUIRED is off"),
        ({"DATABASE_ROLE": "pcb_worker"}, {}, "DATABASE_ROLE pcb_worker stands above"),
    ],
)
def test_each_fault_is_named_alone(good: dict[str, str], environ: dict[str, str], settings: dict[str, Any], fault: str) -> None:
    faults = found(good | environ, **settings)

    assert [each[: len(fault)] for each in faults] == [fault]


def test_web_process_needs_no_address_of_the_owner(good: dict[str, str]) -> None:
    assert found(good | {"DATABASE_URL": "", "DATABASE_INTAKE_URL": ""}) == []


@pytest.mark.parametrize(
    ("power", "taken", "fault"),
    [
        ("GRANT pcb_owner TO pcb_tried_login", "REVOKE pcb_owner FROM pcb_tried_login", "pcb_owner"),
        ("GRANT pcb_worker TO pcb_tried_login", "REVOKE pcb_worker FROM pcb_tried_login", "pcb_worker"),
        ("ALTER ROLE pcb_tried_login CREATEROLE", "ALTER ROLE pcb_tried_login NOCREATEROLE", "creates roles"),
        ("ALTER ROLE pcb_tried_login BYPASSRLS", "ALTER ROLE pcb_tried_login NOBYPASSRLS", "above row-level security"),
        ("ALTER ROLE pcb_tried_login SUPERUSER", "ALTER ROLE pcb_tried_login NOSUPERUSER", "superuser"),
        ("REVOKE pcb_web FROM pcb_tried_login", "GRANT pcb_web TO pcb_tried_login", "is no member of pcb_web"),
    ],
)
def test_web_login_that_can_become_more_is_named(
    good: dict[str, str], owner: psycopg.Connection, power: str, taken: str, fault: str
) -> None:
    owner.execute("DO $$ BEGIN CREATE ROLE pcb_tried_login LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    owner.execute("GRANT pcb_web TO pcb_tried_login")
    tried = good | {"DATABASE_WEB_URL": good["DATABASE_WEB_URL"].replace("pcb_web_login", "pcb_tried_login")}
    assert found(tried) == []

    owner.execute(power)
    try:
        faults = found(tried)
    finally:
        owner.execute(taken)

    assert "DATABASE_WEB_URL: its login pcb_tried_login" in faults[0]
    assert fault in faults[0]


def test_queue_that_asks_no_password_is_a_fault_whatever_its_address_says(good: dict[str, str], servers: tuple[str, str]) -> None:
    with_password = servers[1].replace("unix://", "unix://default:anything@")

    assert [fault[:44] for fault in found(good | {"REDIS_URL": with_password})] == ["The server of REDIS_URL asks for no password"]


def test_user_with_the_demos_password_is_a_fault(good: dict[str, str], owner: psycopg.Connection) -> None:
    for name, password in (("left", "pc-billing-demo"), ("safe", "a quiet river at dawn")):
        owner.execute(
            "INSERT INTO ab_user (first_name, last_name, username, email, active, password) VALUES ('', '', %s, %s, true, %s)",
            (name, name, generate_password_hash(password)),
        )

    assert [fault.split(".")[0] for fault in found(good)] == ["Users have the demo's password: left"]


@pytest.mark.parametrize("key", ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"])
def test_contract_with_an_empty_key_is_a_fault(good: dict[str, str], owner: psycopg.Connection, key: str) -> None:
    owner.execute("INSERT INTO payment_contract (channel, name, merchant_number, key_sha256) VALUES ('PAYME', 'Payme', 'm', %s)", (key,))

    assert [fault[:36] for fault in found(good)] == ["The contract Payme has an empty key:"]


@pytest.mark.parametrize("command", [["run.py"], ["-m", "flask", "--app", "run", "run"], ["-c", "import run; run.create_web()"]])
def test_faulty_production_ends_with_one_and_says_every_fault(
    url: str, servers: tuple[str, str], tmp_path: Path, command: list[str]
) -> None:
    given = environment(url, servers[1], PC_BILLING_ENV="production", SECRET_KEY="short", PC_BILLING_VAR=str(tmp_path))

    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=given, capture_output=True, text=True, timeout=180, check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert [line[:19] for line in done.stderr.splitlines() if line.startswith("- ")] == [
        "- SECRET_KEY is sho", "- PUBLIC_URL is no ", "- DATABASE_WEB_URL ", "- DATABASE_INTAKE_U",
        "- REDIS_URL has no ",
    ]  # fmt: skip


LDAP = 'AUTH_TYPE = "ldap"\nAUTH_LDAP_SERVER = "ldaps://ldap.example.uz"\n[AUTH_ROLES_MAPPING]\n"cn=kassa" = ["Cashier"]\n'


def test_file_of_sign_on_is_read(good: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "sign-on.toml"
    path.write_text(LDAP)

    settings = config.settings(good | {"AUTH_SETTINGS": str(path)})

    assert (settings["AUTH_TYPE"], settings["AUTH_LDAP_SERVER"]) == (2, "ldaps://ldap.example.uz")
    assert settings["AUTH_ROLES_MAPPING"] == {"cn=kassa": ["Cashier"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LDAP.replace("[AUTH_ROLES_MAPPING]", "[AUTH_ROLE_MAPPING]"), "AUTH_ROLE_MAPPING is no setting of sign-on; AUTH_ROLES_MAPPING is"),
        ('SECRET_KEY = "x"\n' + LDAP, "SECRET_KEY is no setting of sign-on"),
        ('AUTH_TYPE = "saml"\n', "AUTH_TYPE must be one of database, ldap, oauth"),
        ("AUTH_TYPE = ", "Invalid value"),
    ],
)
def test_file_of_sign_on_with_a_mistake_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "sign-on.toml"
    path.write_text(text)

    with pytest.raises(config.WrongSetting, match=message):
        config.sign_on(path)


def test_examples_of_the_documentation_are_good(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "sign-on.md").read_text()
    examples = [part.split("```")[0] for part in page.split("```toml\n")[1:]]

    for number, example in enumerate(examples):
        path = tmp_path / f"{number}.toml"
        path.write_text(example)
        assert config.sign_on(path)["AUTH_TYPE"] in {2, 4}
    assert len(examples) == 2
