"""Commands of ``flask --app run audit``: seal the trail, verify it."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.domain.audit import ChainProblem, Fault
from app.extensions import HERE, Scope, enter
from app.jobs import audit as jobs

group = AppGroup("audit", help="The audit trail.")

_WORDS = {
    ChainProblem.CHANGED: "was changed after it was sealed",
    ChainProblem.DELETED: "was deleted",
    ChainProblem.INSERTED: "was inserted beside the functions that write the trail",
    ChainProblem.REORDERED: "stands in another's place",
    ChainProblem.SEAL_ALTERED: "has a seal that was altered or computed anew",
    ChainProblem.SEAL_DELETED: "has lost its seal",
    ChainProblem.CUT: "and all after it were cut off: a head kept outside lies beyond the end",
}


@group.command("seal")
def seal() -> None:
    """Seal every entry that waits for it."""
    _enter()
    click.echo(f"{jobs.seal(most=10**12)} entries sealed")


@group.command("verify")
@click.option(
    "--heads", type=click.Path(dir_okay=False, path_type=Path), help="Daily heads kept outside; the setting AUDIT_HEADS without it."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(*, heads: Path | None, as_json: bool) -> None:
    """Walk the chain of seals; end with 1 and name the first bad row."""
    _enter()
    if heads is not None and not heads.exists():
        raise click.ClickException(f"There is no file {heads}.")
    try:
        kept = jobs.heads(heads or Path(current_app.config["AUDIT_HEADS"]))
    except ValueError:
        raise click.ClickException("The file of heads has a line that is no head: day, number, SHA-256.") from None
    verdict = jobs.verify(kept)
    if as_json:
        fault = verdict.fault._asdict() if verdict.fault else None
        click.echo(json.dumps({"ok": fault is None, **verdict._asdict(), "fault": fault, "heads": len(kept)}))
    else:
        click.echo(f"{verdict.sealed} entries hold, {verdict.pending} wait for their seal, {len(kept)} daily heads compared")
        click.echo(_phrase(verdict.fault) if verdict.fault else f"head {verdict.head}")
    sys.exit(1 if verdict.fault else 0)


def _phrase(fault: Fault) -> str:
    entry = "an entry" if fault.entry_id is None else f"entry {fault.entry_id}"
    place = "" if fault.seq is None else f" (seal {fault.seq})"
    return f"BAD {entry}{place} {_WORDS[fault.problem]}"


def _enter() -> None:
    enter(Scope(actor="operator", today=clock.today(), address=HERE, everywhere=True))
