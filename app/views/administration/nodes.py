"""How the exchange with autonomous divisions stands."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access
from flask_babel import gettext as _

from app import clock
from app.domain.nodes import CENTRE
from app.extensions import db, transaction
from app.queries.administration import nodes as queries
from app.services.administration import nodes as service


class NodesView(BaseView):
    """Nodes, subscriptions, conflicts and packages on one page that keeps itself up to date."""

    route_base = "/nodes"
    default_view = "show"

    @expose("/")
    @has_access
    def show(self) -> Any:
        """Show how far each exchange is, and every conflict nobody has settled."""
        session = db.session()
        here = queries.place(session)
        context = {
            "here": here,
            "is_centre": here.number == CENTRE,
            "nodes": queries.nodes(session, now=clock.now()),
            "subscriptions": queries.subscriptions(session),
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
            count = service.settle_conflicts(session, now=clock.now(), by=g.user.username)
        flash(_("%(count)s conflicts are marked as settled.", count=count), "info")
        return redirect(url_for("NodesView.show"))
