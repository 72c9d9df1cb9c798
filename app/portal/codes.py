"""The word a browser of the portal is known by, and the codes it asks for (``app.jobs.portal``)."""

import secrets
from typing import Any

from flask import Response, current_app, g, request
from sqlalchemy.orm import Session

from app import labels
from app.jobs import portal as codes
from app.jobs.portal import account_number, account_or_phone, budgets, is_silent, settle, word_of_phone
from app.services import portal as service

__all__ = [
    "account_number", "account_or_phone", "ask", "ask_for_person", "ask_for_phone", "budgets", "device", "is_silent", "opened_by",
    "proves_phone", "remember_device", "settle", "told", "word_of_phone",
]  # fmt: skip

#: How long a browser is known by the word it was given, in seconds.
DEVICE_S = 180 * 24 * 3600


def device() -> str:
    """Return the word this browser is known by; a new one is set with the answer."""
    if "portal_device" not in g:
        g.portal_device = request.cookies.get(_cookie(), "")[:64] or _fresh()
    return str(g.portal_device)


def remember_device(response: Response) -> Response:
    """Give the browser its word with the answer."""
    if word := g.get("portal_device_is_new") and g.portal_device:
        is_secure = current_app.config["SESSION_COOKIE_SECURE"]
        response.set_cookie(_cookie(), word, max_age=DEVICE_S, httponly=True, samesite="Lax", secure=is_secure)
    return response


def ask(number: str) -> None:
    """Have a code written to the outbox for this browser, if there is such an account or user; nobody is told whether."""
    codes.ask(number, device(), request.remote_addr or "")


def ask_for_phone(account_id: int, phone: str) -> None:
    """Have a code written to a telephone that an account shall get, within the same budgets."""
    codes.ask_for_phone(account_id, phone, device(), request.remote_addr or "")


def ask_for_person(phone: str) -> None:
    """Have a code written to the telephone of somebody without an account, within budgets of codes."""
    codes.ask_for_person(phone, labels.locale_code(), device(), request.remote_addr or "")


def proves_phone(database: Session, phone: str, typed: str) -> bool:
    """Return whether a typed code proves a telephone to this browser; the caller commits, for a wrong try counts too."""
    return codes.proves_phone(database, phone, device(), typed)


def told() -> dict[str, Any]:
    """Return what the pages that ask for a code say of codes."""
    return {"budgets": budgets(), "is_silent": is_silent(), "is_trial": not current_app.config["PRODUCTION"]}


def opened_by(database: Session, number: str, typed: str) -> service.Opened | None:
    """Return what a typed code opens for this browser; the caller commits, for a wrong try counts too."""
    return codes.opened_by(database, number, device(), typed)


def _fresh() -> str:
    g.portal_device_is_new = True
    return secrets.token_urlsafe(24)


def _cookie() -> str:
    return "__Host-portal-device" if current_app.config["SESSION_COOKIE_SECURE"] else "portal-device"
