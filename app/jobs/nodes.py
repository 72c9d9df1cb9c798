"""What a worker does beside its jobs: a node's sign of life, and the list of conflicts."""

from pathlib import Path

from flask import Flask, current_app

from app import clock
from app.extensions import Scope, db, enter, transaction
from app.gateways import server_log
from app.services.administration import nodes as service


def look_around(app: Flask) -> int:
    """Record new conflicts and give a sign of life; return how many conflicts were new."""
    with app.app_context():
        enter(Scope(actor="sweep", today=clock.today(), everywhere=True))
        try:
            return look()
        finally:
            db.session.remove()


def look() -> int:
    """Do the same in the scope and application at hand."""
    log = Path(current_app.config["VAR"]) / "postgresql.log"
    with transaction() as session:
        found = service.record_conflicts(session, now=clock.now(), detail=server_log.last_conflict(log))
    with transaction() as session:
        service.note_sign_of_life(session, now=clock.now())
    return found
