"""Commands of ``flask --app run audit``: seal the trail, verify it."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.domain.administration.audit import AuditFault, ChainProblem
from app.extensions import HOST, Scope, set_scope
from app.gateways import audit_heads
from app.jobs.administration import audit as jobs

group = AppGroup("audit", help="The audit trail.")

_WORDS = {
    ChainProblem.CHANGED: "was changed after it was sealed",
    ChainProblem.DELETED: "was deleted",
    ChainProblem.INSERTED: "was inserted beside the functions that write the trail",
    ChainProblem.REORDERED: "stands in another's place",
    ChainProblem.SEAL_ALTERED: "has a seal that was altered or computed anew",
    ChainProblem.SEAL_DELETED: "has lost its seal",
    ChainProblem.HEAD_FORGED: "has a head outside whose signature is not of our key",
    ChainProblem.TRIGGER_OFF: "may be missing: triggers of the trail are missing or off on",
    ChainProblem.CUT: "and all after it were cut off: a head kept outside lies beyond the end",
}

_KEY_REPLACED = (
    "If AUDIT_KEY was replaced, heads of the earlier key do not fit the new one: put their file aside and check it with "
    "--heads FILE --public-key KEY (docs/audit-key.md)."
)


@group.command("seal")
def seal() -> None:
    """Seal every entry that waits for it."""
    _enter()
    click.echo(f"{jobs.seal(limit=10**12)} entries sealed")


@group.command("public-key")
def public_key() -> None:
    """Print the key that checks heads on another machine."""
    click.echo(jobs.public_key())


@group.command("verify")
@click.option("--heads", type=click.Path(dir_okay=False, path_type=Path), help="Heads kept outside; the setting AUDIT_HEADS without it.")
@click.option("--public-key", "public", help="Key that checks the heads, in hexadecimal; that of the setting AUDIT_KEY without it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(*, heads: Path | None, public: str | None, as_json: bool) -> None:
    """Check heads, their signatures, the triggers and the chain of seals; end with 1 and name what is bad first."""
    _enter()
    if heads is not None and not heads.exists():
        raise click.ClickException(f"There is no file {heads}.")
    try:
        kept = audit_heads.heads(heads or Path(current_app.config["AUDIT_HEADS"]))
        verdict = jobs.verify(kept, public=public or jobs.public_key())
    except audit_heads.KeyIsOpen as error:
        raise click.ClickException(f"The key {error} can be read by others: chmod 600 {error}") from None
    except ValueError:
        raise click.ClickException(
            "The file of heads has a line that is no head (moment, number, SHA-256, signature), or the key is none."
        ) from None
    if as_json:
        fault = verdict.fault._asdict() if verdict.fault else None
        click.echo(json.dumps({"ok": fault is None, **verdict._asdict(), "fault": fault, "heads": len(kept)}))
    else:
        click.echo(f"{verdict.sealed} entries hold, {verdict.pending} wait for their seal, {len(kept)} heads compared")
        click.echo(_phrase(verdict.fault) if verdict.fault else f"head {verdict.head}")
        if verdict.fault and verdict.fault.problem is ChainProblem.HEAD_FORGED:
            click.echo(_KEY_REPLACED)
    sys.exit(1 if verdict.fault else 0)


def _phrase(fault: AuditFault) -> str:
    entry = "an entry" if fault.entry_id is None else f"entry {fault.entry_id}"
    place = "" if fault.seq is None else f" (seal {fault.seq})"
    return f"BAD {entry}{place} {_WORDS[fault.problem]} {fault.detail}".rstrip()


def _enter() -> None:
    set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))
