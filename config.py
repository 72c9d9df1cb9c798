"""Settings from the environment, typed and checked; nothing secret has a default that could reach production.

The web server, the intake of payments, the workers and commands read the same ``Settings``. ``python config.py`` prints docs/settings.md.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from app.domain.reference.addresses import PROVIDER_HOSTS, THIS_MACHINE

ROOT = Path(__file__).resolve().parent

LANGUAGES = {
    "uz": {"flag": "uz", "name": "Oʻzbekcha"},
    "uz_Cyrl": {"flag": "uz", "name": "Ўзбекча"},
    "ru": {"flag": "ru", "name": "Русский"},
    "kaa": {"flag": "uz", "name": "Qaraqalpaqsha"},
    "en": {"flag": "gb", "name": "English"},
}


#: Words for the framework's numbers of ways to log in.
KINDS_OF_SIGN_ON = {"database": 1, "ldap": 2, "oauth": 4}
#: What a file of sign-on may set, besides AUTH_LDAP_*; the framework's documentation says what each means.
SIGN_ON = frozenset(
    "AUTH_TYPE AUTH_ROLES_MAPPING AUTH_ROLES_SYNC_AT_LOGIN AUTH_USER_REGISTRATION AUTH_USER_REGISTRATION_ROLE "
    "AUTH_USER_REGISTRATION_ROLE_JMESPATH AUTH_USERNAME_CI OAUTH_PROVIDERS".split()
)


class WrongSetting(Exception):
    """A setting of the operator's cannot be used; the text names the variable and says why."""


def var_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of what this machine keeps: embedded servers, keys, logs."""
    return Path(environ.get("PC_BILLING_VAR") or ROOT / "var")


def _secret(description: str) -> Any:
    return Field("", description=description, repr=False)


def _port(description: str, default: int | None) -> Any:
    return Field(default, description=description, ge=0, le=65535)


Text = Annotated[str, StringConstraints(strip_whitespace=True)]
#: Settings whose value may stand in the first line of a file that ``NAME_FILE`` names.
FROM_FILES = ("mail_password", "oneid_client_secret")


class Settings(BaseSettings):
    """What the operator may set: each field is the variable of the environment with its name in upper case; an empty one is not set."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, validate_default=False)

    database_url: str = _secret(
        "address of PostgreSQL ≥ 17 with `btree_gist` and `pg_trgm`, and `pg_stat_statements` for `flask --app run database slow`; an "
        "embedded server is started without it. The login creates the roles `pcb_owner`, `pcb_web`, `pcb_worker`, `pcb_report` at the "
        "first start, or a DBA does"
    )
    database_web_url: str = _secret(
        "the web server's own login, a member of `pcb_web` and of nothing else: `CREATE ROLE site LOGIN PASSWORD '…' IN ROLE pcb_web`. "
        "Production demands it and refuses a login that can become more; the embedded server makes it itself. The web server needs no "
        "`DATABASE_URL` then: commands and workers bring the schema up to date"
    )
    database_intake_url: str = _secret("the intake's own login, a member of `pcb_worker` and of nothing else; production demands it")
    database_role: Text = Field("pcb_web", description="role a process works as; set by the programs themselves")
    redis_url: str = _secret("address of Redis; a compatible server is started without it. Production refuses one without a password")
    secret_key: str = _secret("signs sessions; made once under `var/` where it is not set")
    pc_billing_env: Literal["trial", "production"] = Field(
        "trial",
        description="`production` refuses to start with a trial's settings and says which, and demands the second factor; so does an "
        "`https://` address in `PUBLIC_URL`",
    )
    public_url: Text = Field(
        "", description="the address people use (`http://127.0.0.1:PORT` if not set); `https://…` makes cookies secure"
    )
    paynet_link: Text = Field(
        "https://app.paynet.uz/?m={merchant}&c={account}&a={tiyin}",
        description="address that opens PAYNET with `{merchant}`, `{service}`, `{account}` and the sum in `{tiyin}` or `{som}` filled in; "
        "libraries disagree about it, so it is to be confirmed by PAYNET. Empty: the portal says that it cannot be opened from there",
    )
    uzum_link: Text = Field(
        "https://www.uzumbank.uz/open-service?serviceId={service}&account={account}&amount={tiyin}",
        description="the same of Uzum Bank (`serviceId`, `account`, `amount`). No document of it was at hand, so the company confirms it "
        "with Uzum Bank before it is relied on; empty: the portal says that it cannot be opened from there",
    )
    host: Text = Field("127.0.0.1", description="address the web server and the intake listen at")
    port: int = _port("port of the web server", 8080)
    intake_port: int | None = _port("port of the intake of payments (one above `PORT` if not set)", None)
    workers: int = Field(2, description="processes that run jobs", ge=0, le=1000)
    trusted_proxies: int = Field(
        0,
        description="proxies that stand before us and set `X-Forwarded-*`, see [proxy](proxy.md); 0 is refused with an https address",
        ge=0,
        le=20,
    )
    default_language: Literal[tuple(LANGUAGES)] = Field("en", description="language of who has chosen none")  # type: ignore[valid-type]
    pc_billing_var: Path | None = Field(None, description="folder of what this machine keeps (`var` if not set)")
    pc_billing_demo: bool = Field(True, description="`0`: no demo data in an empty database")
    demo_accounts: int = Field(2000, description="accounts of the demo", ge=1)
    demo_months: int = Field(6, description="months of the demo", ge=1, le=600)
    auth_settings: Path | None = Field(None, description="a TOML file for LDAP or OAuth, see [sign-on](sign-on.md)")
    totp_required: bool | None = Field(
        None, description="whether a second factor is demanded of administrators and cashiers (in production if not set)"
    )
    fab_update_perms: bool = Field(False, description="whether permissions are brought up to date at the start; commands do it")
    flask_debug: bool = Field(False, description="shows the inside of the program; production refuses it")
    mail_host: Text = Field("", description="server e-mail to users goes by, with `MAIL_FROM`; without it there is none")
    mail_port: int = _port("port of it (usual for `MAIL_SECURITY` if 0)", 0)
    mail_security: Literal["starttls", "tls", "none"] = Field("starttls", description="how the line to it is secured")
    mail_from: Text = Field("", description="the address letters come from")
    mail_login: Text = Field("", description="login at the server, if it asks for one")
    mail_password: str = _secret("its password; `MAIL_PASSWORD_FILE` names a file instead")
    mail_ca: Text = Field("", description="file of the certificate authority to trust, if not the machine's")
    oneid_client_id: Text = Field(
        "", description="name of our contract with OneID, by which consumers sign on to the portal; without it they are not offered it"
    )
    oneid_client_secret: str = _secret("its secret; `ONEID_CLIENT_SECRET_FILE` names a file instead")
    oneid_url: Text = Field("", description="address of OneID, if it is not its usual one")
    outgoing_proxy: str = _secret("proxy between us and gateways and providers, `http://proxy:3128`; those of the environment are not used")
    provider_hosts: Text = Field(
        "",
        description="hosts that may be asked about payments and given messages, with blanks between "
        f"(`{' '.join(sorted(PROVIDER_HOSTS))}` if not set)",
    )
    audit_heads: Path | None = Field(
        None,
        description="file of the signed heads of the audit trail, one a minute (`audit-heads.log` under `var/` if not set); "
        "belongs on a disk the database's owner cannot write",
    )
    audit_key: Path | None = Field(
        None,
        description="file of the key that signs them (Ed25519, mode 0600, made at first use, `audit_key` under `var/` if not set); "
        "belongs where the database's owner cannot read; [how to replace it](audit-key.md)",
    )
    node_key_file: Path | None = Field(
        None,
        description="key that signs packages (`node_key` under `var/` if not set). Nodes need "
        "PostgreSQL 18, `wal_level=logical`, `track_commit_timestamp=on` and `PC_BILLING_DEMO=0`",
    )

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **_others: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but the environment that was handed over: no ``.env`` file lies about what a process got."""
        return (_Variables(settings_cls, init_settings()["environ"]),)

    @model_validator(mode="after")
    def _check_addresses(self) -> Self:
        if self.outgoing_proxy and not re.fullmatch(r"https?://[^/\s]+/?", self.outgoing_proxy):
            raise ValueError("OUTGOING_PROXY must be an address such as http://proxy.example.uz:3128")
        if self.mail_host and "@" not in self.mail_from:
            raise ValueError("MAIL_FROM must be the address letters come from, such as billing@example.uz")
        return self

    @property
    def is_production(self) -> bool:
        """Whether real people's data is at stake: said so by the operator, or by an address the world may use."""
        return self.pc_billing_env == "production" or self.public_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that may be asked by themselves: those the operator lists, else the public ones; in a trial this machine too."""
        listed = frozenset(self.provider_hosts.lower().split()) or PROVIDER_HOSTS
        return listed if self.is_production else listed | THIS_MACHINE


class _Variables(PydanticBaseSettingsSource):
    """An environment, from which every field takes the variable of its name."""

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        self._environ = environ

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the library's signature
        """Return a field's text, or that of the file that stands for it."""
        name = field_name.upper()
        path = self._environ.get(f"{name}_FILE") if field_name in FROM_FILES else None
        return (_first_line(name, Path(path)) if path else self._environ.get(name)), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the texts of the fields that are set."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: text for name, text in found.items() if text}


def _first_line(name: str, path: Path) -> str:
    try:
        return (path.read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, ValueError) as error:
        raise WrongSetting(f"{name}_FILE: {path}: {error}") from error


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return what the operator set.

    :raises WrongSetting: with a line for each variable that cannot be used
    """
    try:
        return Settings(environ=dict(environ))  # type: ignore[call-arg]
    except ValidationError as error:
        raise WrongSetting("\n".join(_told(error))) from None


def _told(error: ValidationError) -> Iterator[str]:
    """Yield a sentence for each fault, with the value where it is no secret."""
    for fault in error.errors(include_url=False):
        said = fault["msg"].removeprefix("Value error, ")
        if not fault["loc"]:
            yield said
            continue
        name = str(fault["loc"][0])
        value = f" (it is {fault['input']!r})" if Settings.model_fields[name].repr else ""
        yield f"{name.upper()}: {said[0].lower()}{said[1:]}{value}"


def settings(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the configuration of the application.

    ``DATABASE_URL``, ``REDIS_URL`` and ``SECRET_KEY`` must be there: ``run.py`` sets them to the embedded servers and to a
    key of this machine where the operator has not.

    :raises WrongSetting: if one is missing, or a variable cannot be used
    """
    if missing := [name for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY") if name not in environ]:
        raise WrongSetting("\n".join(f"{name} is not set" for name in missing))
    given, var = read(environ), var_folder(environ)
    is_https = given.public_url.startswith("https://")
    return {
        "PRODUCTION": given.is_production,
        "SECRET_KEY": given.secret_key,
        "SQLALCHEMY_DATABASE_URI": database_url(environ["DATABASE_URL"]),
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True, "hide_parameters": True},
        "DATABASE_ROLE": given.database_role,
        "REDIS_URL": given.redis_url,
        "PUBLIC_URL": given.public_url or f"http://127.0.0.1:{given.port}",
        "PAYNET_LINK": given.paynet_link,
        "UZUM_LINK": given.uzum_link,
        "AUDIT_HEADS": str(given.audit_heads or var / "audit-heads.log"),
        "AUDIT_KEY": str(given.audit_key or var / "audit_key"),
        "VAR": str(var),
        "NODE_KEY_FILE": str(given.node_key_file or var / "node_key"),
        "PROVIDER_HOSTS": given.hosts,
        "APP_NAME": "PC Billing",
        "LANGUAGES": LANGUAGES,
        "BABEL_DEFAULT_LOCALE": given.default_language,
        "BABEL_DEFAULT_TIMEZONE": "Asia/Tashkent",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "FAB_UPDATE_PERMS": given.fab_update_perms,
        "FAB_BASE_TEMPLATE": "base.html",
        "FAB_ADD_SECURITY_API": False,
        "FAB_INDEX_VIEW": "app.views.monitoring.HomeView",
        "FAB_SECURITY_MANAGER_CLASS": "app.views.administration.StaffManager",
        "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
        "TOTP_REQUIRED": given.is_production if given.totp_required is None else given.totp_required,
        "TOTP_ROLES": ("Admin", "Administrator", "Supervisor", "Cashier"),
        "LOGIN_LIMIT": "10 per 5 minutes",
        "ADDRESS_LIMIT": "100 per 5 minutes",
        "TRUSTED_PROXIES": given.trusted_proxies,
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": limiter_storage(given.redis_url),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": is_https,
        "SESSION_COOKIE_NAME": "__Host-session" if is_https else "session",
        **messages(environ),
        **{name.upper(): getattr(given, name) for name in Settings.model_fields if name.startswith("oneid_")},
        "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 1000,
        **(sign_on(given.auth_settings) if given.auth_settings else {}),
    }


def messages(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the gateways of messages and of the line to them; passwords stay in the environment, or in a file it names.

    :raises WrongSetting: if a gateway is not known, or a setting of the mail server makes no sense
    """
    given = read(environ)
    return {name.upper(): getattr(given, name) for name in Settings.model_fields if name.startswith(("mail_", "outgoing_"))}


def sign_on(path: Path) -> dict[str, Any]:
    """Return the settings of a directory or of providers to log in with, from a TOML file; see docs/sign-on.md.

    :raises WrongSetting: if the file is not there, is no TOML, or holds a key that sign-on does not know
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise WrongSetting(f"AUTH_SETTINGS: {path}: {error}") from error
    for key in given:
        if key not in SIGN_ON and not key.startswith("AUTH_LDAP_"):
            near = get_close_matches(key, SIGN_ON, 1)
            raise WrongSetting(f"AUTH_SETTINGS: {path}: {key} is no setting of sign-on" + (f"; {near[0]} is" if near else ""))
    kind = given.get("AUTH_TYPE")
    if kind not in KINDS_OF_SIGN_ON:
        raise WrongSetting(f"AUTH_SETTINGS: {path}: AUTH_TYPE must be one of {', '.join(KINDS_OF_SIGN_ON)}")
    return given | {"AUTH_TYPE": KINDS_OF_SIGN_ON[kind]}


def database_url(url: str) -> str:
    """Return the address with the driver we use, whatever the operator wrote."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def limiter_storage(url: str) -> str:
    """Return the address of the counters of failed logins, in the form the limiter library wants."""
    return f"redis+{url}" if url.startswith("unix://") else url


def documentation() -> str:
    """Return docs/settings.md: a table of every setting, with its kind, its value if not set, and what it is for."""
    lines = [
        "# Settings",
        "",
        "Variables of the environment; an empty one is not set. A value that cannot be used ends the start with its name and the reason.",
        "The web server, the intake, workers and commands read the same ones. `python config.py` prints this page.",
        "",
        "| Variable | Value | If not set | Meaning |",
        "|---|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in {"", None} else int(field.default) if isinstance(field.default, bool) else field.default
        lines.append(f"| `{name.upper()}` | {_kind(field)} | {f'`{default}`' if default != '' else ''} | {field.description} |")
    return "\n".join(lines) + "\n"


def _kind(field: FieldInfo) -> str:
    kinds = {str: "text", int: "whole number", bool: "`1` or `0`", Path: "file"}
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation) if choice)
    (kind,) = {*(get_args(field.annotation) or (field.annotation,))} - {type(None)}
    return kinds[kind]


if __name__ == "__main__":
    print(documentation(), end="")
