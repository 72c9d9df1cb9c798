"""How the exchange with autonomous divisions stands."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app import clock
from app.domain.administration import JobKind, roles
from app.domain.administration.nodes import CENTRE
from app.domain.administration.pages import Page
from app.extensions import db, transaction
from app.jobs.runner import enqueue
from app.queries.administration import nodes as queries
from app.services import administration
from app.services.administration import nodes as service
from app.views import menu


def _own_division(session: Session) -> int:
    """Return the division this place works for; who works in a part of it does not decide about the exchange of all of it."""
    division_id = queries.own_division(session)
    if not queries.is_within_scope(session, division_id):
        abort(403)
    return division_id


class NodesView(BaseView):
    """Nodes, subscriptions, conflicts and packages on one page that keeps itself up to date."""

    page = Page(
        _l("Nodes"),
        {"can_resume can_settle": roles.MANAGERS, "can_show": roles.STRUCTURE_READERS},
        menu.ADMINISTRATION.at(180, "Nodes"),
        company_wide="can_show",
    )
    route_base = "/nodes"
    default_view = "show"

    @expose("/")
    @has_access
    def show(self) -> Any:
        """Show how far each exchange is, and every conflict nobody has settled."""
        session = db.session()
        here, subscriptions = queries.place(session), queries.subscriptions(session)
        context = {
            "here": here,
            "is_centre": here.number == CENTRE,
            "nodes": queries.nodes(session, now=clock.now()),
            "subscriptions": subscriptions,
            "stopped": [each.name for each in subscriptions if not each.is_enabled],
            "slots": queries.slots(session),
            "conflicts": queries.open_conflicts(session),
            "packages": queries.packages(session),
        }
        if request.headers.get("HX-Request"):
            return render_template("nodes_state.html", **context)
        return self.render_template("nodes.html", **context)

    @expose("/settle", methods=["POST"])
    @has_access
    def settle(self) -> Any:
        """Mark the listed conflicts as settled by the user."""
        with transaction() as session:
            _own_division(session)
            count = service.settle_conflicts(session, now=clock.now(), by=g.user.username)
        flash(_("%(count)s conflicts are marked as settled.", count=count), "info")
        return redirect(url_for("NodesView.show"))

    @expose("/resume", methods=["POST"])
    @has_access
    def resume(self) -> Any:
        """Let the exchanges that stopped at a conflict go on; a worker does it, whose login owns them."""
        with transaction() as session:
            job_id = administration.start_job(session, JobKind.NODE_RESUME, division_id=_own_division(session))
        enqueue(job_id)
        return redirect(url_for("JobView.show", pk=job_id))
