"""Settings: one class with types for every process, its page, and starts that name what cannot be used."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import config
from tests.databases import ROOT

NEEDED = {"DATABASE_URL": "postgresql:///x", "REDIS_URL": "redis://", "SECRET_KEY": "s" * 40}


def test_page_of_settings_is_what_the_class_says() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == config.documentation()


def test_no_process_reads_a_variable_past_the_class() -> None:
    """Besides the class, run.py hands addresses on to the processes it starts, and servers of PostgreSQL inherit the environment."""
    modules = [path for path in (ROOT / "app").rglob("*.py") if re.search(r"\bos\.environ\b|\bgetenv\b", path.read_text())]

    assert [str(path.relative_to(ROOT)) for path in modules] == ["app/cli/servers.py"]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"PORT": "x"}, "PORT: .*integer.*'x'"),
        ({"PORT": "70000"}, "PORT: .*65535"),
        ({"WORKERS": "-1"}, "WORKERS: "),
        ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES: "),
        ({"DEFAULT_LANGUAGE": "de"}, "DEFAULT_LANGUAGE: .*'uz_Cyrl'.*'de'"),
        ({"PC_BILLING_ENV": "Production"}, "PC_BILLING_ENV: .*'production'"),
        ({"TOTP_REQUIRED": "perhaps"}, "TOTP_REQUIRED: .*boolean"),
        ({"OUTGOING_PROXY": "proxy:3128"}, "OUTGOING_PROXY must be an address"),
        ({"MAIL_PORT": "x", "DEMO_MONTHS": "0"}, "DEMO_MONTHS: .*\nMAIL_PORT: "),
    ],
    ids=str,
)
def test_variable_that_cannot_be_used_is_named_with_the_reason(environ: dict[str, str], said: str) -> None:
    with pytest.raises(config.WrongSetting, match=f"^{said}"):
        config.settings(NEEDED | environ)


def test_value_of_a_secret_is_told_nobody() -> None:
    with pytest.raises(config.WrongSetting) as refused:
        config.read({"OUTGOING_PROXY": "someone:hidden@proxy"})

    assert "hidden" not in str(refused.value)
    given = config.read({"SECRET_KEY": "hidden", "MAIL_PASSWORD": "hidden", "DATABASE_URL": "postgresql://a:hidden@b/c"})
    assert "hidden" not in repr(given)


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_missing_address_or_key_is_named(name: str) -> None:
    with pytest.raises(config.WrongSetting, match=f"^{name} is not set$"):
        config.settings({key: value for key, value in NEEDED.items() if key != name})


def test_empty_variable_is_not_set() -> None:
    assert config.read({name.upper(): "" for name in config.Settings.model_fields}) == config.read({})


@pytest.mark.parametrize(("written", "meant"), [("1", True), ("0", False), ("true", True), ("no", False)])
def test_yes_and_no_are_read(written: str, meant: bool) -> None:
    assert config.settings(NEEDED | {"TOTP_REQUIRED": written})["TOTP_REQUIRED"] is meant


def test_passwords_are_hashed_as_dearly_as_the_framework_does() -> None:
    assert not [name for name in config.settings(NEEDED) if name.startswith("FAB_PASSWORD_HASH")]


def test_file_beside_us_is_no_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("PORT=9999\n")
    monkeypatch.chdir(tmp_path)

    assert config.read({}).port == 8080


@pytest.mark.parametrize(
    "command",
    [
        ["run.py"],
        ["-m", "flask", "--app", "run", "worker"],
        ["-m", "flask", "--app", "run", "run"],
        ["-m", "gunicorn", "-k", "app.api.workers.IntakeWorker", "-b", "127.0.0.1:0", "--no-control-socket", "app.api.server:application"],
    ],
    ids=["all of it", "worker", "web", "intake"],
)  # fmt: skip
def test_every_process_ends_with_the_name_of_a_wrong_variable(command: list[str]) -> None:
    environ = {**os.environ, **NEEDED, "MAIL_PORT": "twenty"}

    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode != 0
    assert "MAIL_PORT: input should be a valid integer" in done.stderr
    assert "Traceback" not in done.stderr
