"""One box for everything one knows of a consumer: the page of what was found, and what is offered while one types."""

from typing import Any, NamedTuple

from flask import Response, jsonify, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app import labels
from app.domain.accounts.search import parse
from app.domain.administration import roles
from app.domain.administration.pages import Page
from app.extensions import db, record_disclosure
from app.queries.accounts import search as queries

#: Accounts that are offered while one types.
OFFERED = 8
#: Letters that are enough to search for.
FEWEST_LETTERS = 2
MOST_PAGES = 10**6


class Found(NamedTuple):
    """A page of what was typed found."""

    typed: str
    total: int
    hits: list[queries.Hit]
    #: from 0
    page: int
    last_page: int

    @property
    def told(self) -> str:
        """How many there are, in words."""
        if self.total > queries.MOST:
            most = labels.number(queries.MOST)
            return _("More than %(count)s accounts match. Type more of the name, the number or the address.", count=most)
        return ngettext("%(num)s account found", "%(num)s accounts found", self.total)

    @property
    def meant(self) -> queries.Hit | None:
        """Return the account to open at once: the single one, or the one whose whole number was typed; None: a person chooses."""
        is_meant = self.total == 1 or (self.hits and self.hits[0].number == parse(self.typed).digits)
        return self.hits[0] if is_meant and self.hits else None


class SearchView(BaseView):
    """Accounts by whatever was typed; a single one opens its card."""

    page = Page(_l("Search"), {"can_find": roles.OFFICE}, under="AccountView")
    route_base = "/search"
    default_view = "find"

    @expose("/")
    @has_access
    def find(self) -> Any:
        """Show the accounts that match a number, name, telephone, meter or address; open the card of a single one."""
        found = find()
        if found.meant:
            return redirect(url_for("AccountView.show", pk=found.meant.id))
        return self.render_template("search.html", found=found)

    @expose("/offer")
    @has_access
    @permission_name("find")
    def offer(self) -> Response:
        """Answer with the first accounts that match what was typed so far."""
        return offered("AccountView.show", "pk")


def find(limit: int = queries.PAGE) -> Found:
    """Return what the text of this request finds, and write down whose data it shows."""
    typed = request.args.get("q", "")[:100].replace("\0", "").strip()
    page = min(max(request.args.get("page", 0, type=int), 0), MOST_PAGES)
    hits = []
    if len(typed) >= FEWEST_LETTERS:
        hits = queries.search(db.session(), typed, personal=labels.personal.may_read(), limit=limit, skipped=page * limit)
    record_disclosure("account", [hit.id for hit in hits])
    if parse(typed).phone:
        record_disclosure("consumer", [hit.consumer_id for hit in hits])
    total = hits[0].total if hits else 0
    return Found(typed, total, hits, page, max(min(total, queries.MOST) - 1, 0) // limit)


def offered(endpoint: str, key: str) -> Response:
    """Answer with the first accounts that the text of this request finds, each with the address of a page about it."""
    found = find(OFFERED)
    results = [
        {
            "address": url_for(endpoint, **{key: hit.id}),
            "text": f"{hit.number} · {hit.consumer_name}",
            "more": " · ".join(filter(None, [hit.address, hit.mahalla, hit.division])),
        }
        for hit in found.hits
    ]
    return jsonify(results=results, count=found.told)
