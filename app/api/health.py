"""Whether the process lives, and whether it can work."""

from flask import Blueprint, Response, current_app, jsonify
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db, redis

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process lives."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 if the database answers; the queue may be away, for payments do without it."""
    checks = {"database": _database(), "queue": _queue()}
    return jsonify(status="ok" if checks["database"] == "ok" else "unavailable", **checks), 200 if checks["database"] == "ok" else 503


def _database() -> str:
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM alembic_version"))
    except SQLAlchemyError:
        return "unavailable"
    return "ok"


def _queue() -> str:
    try:
        redis(current_app.config["REDIS_URL"]).ping()
    except RedisError:
        return "unavailable"
    return "ok"
