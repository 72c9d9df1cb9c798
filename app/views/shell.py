"""What stands around every page of the office: where one is, the menu's open part, what is new for the reader."""

import html
import re
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import Flask, current_app, g, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock, labels
from app.documents.indicators import INDICATORS
from app.documents.reports import REPORTS
from app.domain.administration import JobKind, JobStatus
from app.domain.administration.pages import Page
from app.domain.monitoring import NewsKind
from app.extensions import appbuilder, db
from app.queries.accounts import Card
from app.queries.monitoring import news
from app.queries.monitoring.news import NewsRow, Reader
from app.views.administration.approvals import kinds_to_decide
from app.views.administration.divisions import division_looked_at
from app.views.ledger.checks import books_sign
from app.views.monitoring import work_waiting
from app.views.session_guard import WITHIN

#: How long counts of the menu are shown before they are counted again.
COUNTED_FOR = timedelta(seconds=30)
#: So many menus are kept; there are as many as sets of rights that somebody has.
MENUS_KEPT = 200
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


class Crumb(NamedTuple):
    """A step of the path to a page; an empty address is no link."""

    text: str
    address: str


class Place(NamedTuple):
    """Where in the menu a page stands."""

    group: str
    entry: str


class Entry(NamedTuple):
    """An entry of the menu, and the address it leads to."""

    item: Any
    address: str


class Group(NamedTuple):
    """A group of the menu, and its entries that are shown."""

    item: Any
    entries: list[Entry]


class MenuCount(NamedTuple):
    """How many rows wait behind an entry of the menu, and the list of them."""

    rows: int
    address: str


class Notification(NamedTuple):
    """Something new for the reader; without a moment it waits until it is done."""

    text: str
    address: str
    icon: str
    moment: datetime | None


def init_shell(app: Flask) -> None:
    """Let templates ask for what stands around a page."""
    app.jinja_env.globals.update(
        books_sign=books_sign,
        crumbs=crumbs,
        menu=menu,
        menu_counts=menu_counts,
        menu_place=menu_place,
        notifications=notifications,
        division_looked_at=division_looked_at,
    )
    app.jinja_env.filters.update(heading=heading)


def heading(page: str) -> str:
    """Return the words of a page's first heading.

    >>> heading("<h1>Bill <small>of May</small></h1><p>and more</p>")
    'Bill of May'
    """
    found = _HEADING.search(page)
    return " ".join(html.unescape(_TAG.sub(" ", found[1])).split()) if found else ""


def crumbs(card: Card | None) -> list[Crumb]:
    """Return the path to this page: home, the part of the menu, the list it belongs to, and the account it is about."""
    name, page = _place_of(request.blueprint or "")
    if page is None or page.menu is None or not g.user.is_authenticated:
        return []
    view = next(each for each in appbuilder.baseviews if type(each).__name__ == name)
    start = f"{view.endpoint}.{view.default_view}"
    is_open = request.endpoint != start and appbuilder.sm.has_access(f"can_{view.default_view}", name)
    path = [Crumb(_("Home"), appbuilder.get_url_for_index), Crumb(str(page.menu.category.label), "")]
    path.append(Crumb(str(page.title), url_for(start) if is_open else ""))
    if card is not None:
        address = url_for("AccountView.show", pk=card.id)
        path.append(Crumb(card.number, "" if address == request.path else address))
    return path


def menu_place() -> Place:
    """Return where in the menu this page stands; nowhere is two empty names."""
    _name, page = _place_of(request.blueprint or "")
    return Place(page.menu.category.name, page.menu.name) if page and page.menu else Place("", "")


def menu() -> list[Group]:
    """Return the groups of the menu with the entries that open for the reader; worked out once for all who may do the same."""
    rights = appbuilder.sm.known_rights()
    if rights is None:
        return _offered_groups()
    known: dict[Hashable, list[Group]] = current_app.extensions.setdefault("menus", {})
    if (rights, request.script_root) not in known:
        if len(known) >= MENUS_KEPT:
            known.clear()
        known[rights, request.script_root] = _offered_groups()
    return known[rights, request.script_root]


def _offered_groups() -> list[Group]:
    groups = []
    for item in appbuilder.menu.get_list():
        entries = [Entry(each, each.get_url()) for each in item.childs if each.name != "-" and _is_offered(each)]
        groups += [Group(item, entries)] if entries else []
    return groups


def _is_offered(entry: Any) -> bool:
    may = appbuilder.sm.has_access
    if entry.baseview is None or not may("menu_access", entry.name):
        return bool(may("menu_access", entry.name))
    view = entry.baseview
    start = getattr(view, view.default_view)
    name = getattr(start, "_permission_name", view.default_view)
    return bool(may(f"can_{(view.method_permission_name or {}).get(name, name)}", view.class_permission_name))


def menu_counts() -> dict[str, MenuCount]:
    """Return how much waits behind entries of the menu, by their names; counted for a reader once in ``COUNTED_FOR``."""
    if not g.user.is_authenticated:
        return {}
    known: dict[tuple[int, int | None], tuple[datetime, dict[str, MenuCount]]] = current_app.extensions.setdefault("menu_counts", {})
    reader = (g.user.id, session.get(WITHIN))
    counted_at, counts = known.get(reader, (None, {}))
    if counted_at is None or clock.now() - counted_at > COUNTED_FOR:
        pages: dict[str, Page] = current_app.extensions["pages"]
        waiting = [(pages[each.view].menu, each) for each in work_waiting(in_menu=True)]
        counts = {entry.name: MenuCount(each.rows, each.address) for entry, each in waiting if entry}
        for old, (moment, _counts) in list(known.items()):
            if clock.now() - moment > COUNTED_FOR:
                known.pop(old, None)
        known[reader] = (clock.now(), counts)
    return counts


#: What is new → the permission and page of who may see it.
_SEEN: Mapping[NewsKind, tuple[str, str]] = {
    NewsKind.BOOKS: ("can_show", "BooksView"),
    NewsKind.SIGNATURES: ("can_sign", "EquipmentDocumentView"),
    NewsKind.TASKS: ("can_mine", "TaskView"),
    NewsKind.ALERT: ("can_show", "AlertView"),
    NewsKind.REPORT: ("can_show", "ReportScheduleView"),
    NewsKind.JOB: ("can_show", "JobView"),
}


def notifications() -> list[Notification]:
    """Return what is new for the reader: books that differ, requests and tasks that wait, alerts, reports and jobs; by one statement."""
    decides = kinds_to_decide()
    sees = [kind for kind, seen in _SEEN.items() if appbuilder.sm.has_access(*seen)] + ([NewsKind.APPROVALS] if decides else [])
    if not sees:
        return []
    rows = news.news(db.session(), Reader(g.user.id, g.user.username, decides, sees), on=clock.today(), now=clock.now())
    return [_TOLD[NewsKind(row.kind)](row) for row in rows if row.kind != NewsKind.ALERT or row.name in INDICATORS]


def _books(row: NewsRow) -> Notification:
    text = ngettext("The books differ in %(num)s row", "The books differ in %(num)s rows", row.rows)
    return Notification(text, url_for("BooksView.show"), "alert-triangle", row.moment)


def _approvals(row: NewsRow) -> Notification:
    text = ngettext("%(num)s request waits for you", "%(num)s requests wait for you", row.rows)
    return Notification(text, url_for("ApprovalView.inbox"), "users", None)


def _signatures(row: NewsRow) -> Notification:
    text = ngettext("%(num)s document lacks your signature", "%(num)s documents lack your signature", row.rows)
    return Notification(text, url_for("ApprovalView.inbox"), "users", None)


def _tasks(row: NewsRow) -> Notification:
    if row.late:
        text = ngettext("%(num)s late task of yours", "%(num)s late tasks of yours", row.late)
    else:
        text = ngettext("%(num)s task of yours", "%(num)s tasks of yours", row.rows)
    return Notification(text, url_for("TaskView.mine"), "alert-triangle" if row.late else "users", None)


def _alert(row: NewsRow) -> Notification:
    text = _("Beyond the threshold: %(figure)s", figure=INDICATORS[row.name].title)
    return Notification(text, url_for("AlertView.show", pk=row.id), "alert-triangle", row.moment)


def _missed_report(row: NewsRow) -> Notification:
    title = REPORTS[row.name].title
    text = ngettext("%(report)s: %(num)s receiver got nothing", "%(report)s: %(num)s receivers got nothing", row.rows, report=title)
    return Notification(text, url_for("ReportScheduleView.show", pk=row.id), "alert-triangle", row.moment)


def _ended_job(row: NewsRow) -> Notification:
    text = f"{labels.member_of(JobKind, row.name)}: {labels.member_of(JobStatus, row.status)}"
    icon = "circle-check" if row.status == JobStatus.DONE else "alert-triangle"
    return Notification(text, url_for("JobView.show", pk=row.id), icon, row.moment)


_TOLD: Mapping[NewsKind, Callable[[NewsRow], Notification]] = {
    NewsKind.BOOKS: _books,
    NewsKind.APPROVALS: _approvals,
    NewsKind.SIGNATURES: _signatures,
    NewsKind.TASKS: _tasks,
    NewsKind.ALERT: _alert,
    NewsKind.REPORT: _missed_report,
    NewsKind.JOB: _ended_job,
}


def _place_of(name: str) -> tuple[str, Page | None]:
    """Return the view with the place in the menu that a page stands at, and what the view declares; the page's own or the one it shares."""
    page: Page | None = current_app.extensions["pages"].get(name)
    return _place_of(page.under) if page is not None and page.under else (name, page)
