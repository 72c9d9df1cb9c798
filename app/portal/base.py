"""What every page of the portal stands on: who is signed in, which account is shown, and which pages the navigation names.

A module of pages imports ``blueprint``, ``consumers_only`` and ``current``, registers its routes on the blueprint and names those that the
navigation shows by ``in_navigation``; it is imported by ``app.portal.pages``.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app import clock
from app.domain import identifiers
from app.domain.portal import PortalRight
from app.extensions import Scope, db, set_scope
from app.portal import codes
from app.queries import accounts
from app.queries import portal as queries
from app.queries.accounts import Card
from app.queries.holdings import Holding, holding
from app.queries.portal import AccessRecord

blueprint = Blueprint("portal", __name__, url_prefix="/portal")

IDLE_S = 30 * 60
ROWS_A_PAGE = 24
#: Pages of no account: their addresses name none.
_OF_NOBODY = frozenset({"portal.login", "portal.code", "portal.language", "portal.logout"})


class Current(NamedTuple):
    """Who is signed in, and the account that is shown."""

    user_id: int
    session_id: int
    access: AccessRecord
    accesses: Sequence[AccessRecord]

    @property
    def account_id(self) -> int:
        """The account that is shown."""
        return self.access.account_id

    @property
    def number(self) -> str:
        """Its number."""
        return self.access.number

    def may(self, right: PortalRight) -> bool:
        """Return whether the user has a right over the account."""
        return right in self.access.rights


class PortalPage(NamedTuple):
    """A page that the navigation of the portal names.

    :param endpoint: of the blueprint, without its name
    :param label: a lazy text
    :param order: place in the navigation; those of one number by their endpoint
    :param right: what a user must be allowed to do to see it
    :param kinds: kinds of consumers it is for; none: for all
    """

    endpoint: str
    label: Any
    order: int
    right: PortalRight = PortalRight.VIEW
    kinds: frozenset[str] = frozenset()

    @property
    def full_endpoint(self) -> str:
        """The endpoint with the name of the blueprint."""
        return f"{blueprint.name}.{self.endpoint}"


#: So many pages a telephone shows at once; the others when they are asked for.
_AT_ONCE = 5
_NAVIGATION: list[PortalPage] = []


def in_navigation(*pages: PortalPage) -> None:
    """Name pages in the navigation."""
    _NAVIGATION.extend(pages)


def navigation() -> list[PortalPage]:
    """Return the pages that the navigation shows to the user of this request."""
    here = signed_in()
    if here is None:
        return []
    shown = [each for each in _NAVIGATION if here.may(each.right) and (not each.kinds or here.access.consumer_kind in each.kinds)]
    return sorted(shown, key=lambda each: (each.order, each.endpoint))


class PublicPage(NamedTuple):
    """A page for everybody, named at the foot of every page.

    :param endpoint: of the blueprint, without its name
    :param label: a lazy text
    """

    endpoint: str
    label: Any


_PUBLIC: list[PublicPage] = []


def for_everybody(*pages: PublicPage) -> None:
    """Name pages at the foot of every page."""
    _PUBLIC.extend(pages)


def signed_in() -> Current | None:
    """Return who is signed in, with the account that is shown; None if nobody is."""
    found: Current | None = g.get("portal_current")
    return found


def current() -> Current:
    """Return who is signed in; only for pages of ``consumers_only``."""
    found = signed_in()
    assert found is not None
    return found


def current_card() -> Card:
    """Return the head of the account that is shown."""
    if "portal_card" not in g:
        g.portal_card = accounts.card(db.session(), current().account_id)
        assert g.portal_card is not None
    card: Card = g.portal_card
    return card


def current_holding() -> Holding:
    """Return since when the account that is shown is its present consumer's; what was before is another person's."""
    if "portal_holding" not in g:
        g.portal_holding = holding(db.session(), current().account_id)
    held: Holding = g.portal_holding
    return held


def consumers_only(view: Callable[..., Any], right: PortalRight = PortalRight.VIEW) -> Callable[..., Any]:
    """Let only users in who are signed in and may do with the account what the page is for."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        here = signed_in()
        if here is None:
            return redirect(url_for("portal.login"))
        if g.get("portal_not_yours"):
            return not_yours()
        if not here.may(right):
            abort(HTTPStatus.FORBIDDEN)
        return view(*args, **kwargs)

    return guarded


def with_right(right: PortalRight) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only users in who have a right over the account."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        return consumers_only(view, right)

    return guard


def not_yours() -> tuple[str, int]:
    """Say that the account an address names is not among those of who is signed in, whether there is one or not."""
    return render_template("portal/not_yours.html", number=g.portal_not_yours), HTTPStatus.NOT_FOUND


class RowsPage(NamedTuple):
    """Rows of one page, and the numbers of the pages beside it; None: there is none."""

    rows: list[Any]
    before: int | None
    after: int | None


def page_of(fetch: Callable[[int, int], list[Any]]) -> RowsPage:
    """Return the rows of the page that the address names.

    :param fetch: given how many rows are wanted, and how many the pages before hold
    """
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    number = max(number, 1)
    rows = fetch(ROWS_A_PAGE + 1, (number - 1) * ROWS_A_PAGE)
    return RowsPage(rows[:ROWS_A_PAGE], number - 1 if number > 1 else None, number + 1 if len(rows) > ROWS_A_PAGE else None)


def work_in(here: Current | None) -> None:
    """Work in the division of the account that is shown; in none if nobody is signed in."""
    g.portal_current = here
    scope = Scope(actor=f"portal:{here.user_id}" if here else "portal", today=clock.today(), address=request.remote_addr or "")
    set_scope(scope._replace(division_id=here.access.division_id) if here else scope)


def work_in_division(division_id: int) -> None:
    """Work in one division, for somebody who is not signed in and whose right there was shown."""
    set_scope(Scope(actor="portal", today=clock.today(), address=request.remote_addr or "", division_id=division_id))


def work_everywhere() -> None:
    """Work in every division: only while a service claims or ends accesses of the user who is signed in."""
    here = signed_in()
    actor = f"portal:{here.user_id}" if here else "portal"
    set_scope(Scope(actor=actor, today=clock.today(), address=request.remote_addr or "", everywhere=True))


@blueprint.before_request
def enter_scope() -> None:
    """Work in no division until a consumer has shown who it is; then in that of the account which is shown."""
    g.portal_current, g.portal_not_yours = None, None
    session_id = _session_id()
    work_in(None)
    found = queries.accesses_of_session(db.session(), session_id) if session_id else []
    if session_id and found:
        work_in(Current(found[0].portal_user_id, session_id, _shown(found), found))
    elif session_id:
        session.pop("portal_session_id")


@blueprint.after_request
def forbid_storing(response: Response) -> Response:
    """Keep personal pages out of caches: after the exit, Back shows nothing."""
    response.headers["Cache-Control"] = "no-store"
    return codes.remember_device(response)


@blueprint.app_url_defaults
def name_account(endpoint: str, values: dict[str, Any]) -> None:
    """Name the account in every address of the portal as soon as the user has several, so that a page in another tab stays with its own."""
    here = signed_in() if endpoint.startswith("portal.") and endpoint not in _OF_NOBODY else None
    if here is not None and len(here.accesses) > 1:
        values.setdefault("account", here.number)


@blueprint.app_context_processor
def say_where() -> dict[str, Any]:
    """Tell templates who is signed in, what the navigation shows, and which pages are for everybody."""
    return {
        "portal": signed_in(), "portal_navigation": navigation, "pages_at_once": _AT_ONCE, "public_pages": lambda: _PUBLIC,
    }  # fmt: skip


def _shown(accesses: Sequence[AccessRecord]) -> AccessRecord:
    """Return the account to show: the one that the address names, else the one shown before, else the first."""
    by_number = {each.number: each for each in accesses}
    asked = request.args.get("account")
    if asked is not None and request.endpoint not in _OF_NOBODY - {"portal.login"}:
        access = by_number.get(_number(asked))
        if access is None:
            g.portal_not_yours = asked[:20]
        else:
            session["portal_account_id"] = access.account_id
            return access
    before = session.get("portal_account_id")
    access = next((each for each in accesses if each.account_id == before), None)
    if access is None:
        access = accesses[0]
        if before is not None:
            flash(_("An account is no longer among yours; account %(number)s is shown.", number=access.number), "warning")
        session["portal_account_id"] = access.account_id
    return access


def _number(typed: str) -> str:
    try:
        return codes.account_number(typed[:60])
    except identifiers.InvalidIdentifier:
        return ""


def _session_id() -> int | None:
    """Return the session of the portal that the cookie names, unless it was left alone for too long."""
    seen, now = session.get("portal_seen", 0), int(clock.now().timestamp())
    if "portal_session_id" not in session or now - seen > IDLE_S:
        return None
    if now - seen > 60:
        session["portal_seen"] = now
    return int(session["portal_session_id"])
