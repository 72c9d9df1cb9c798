"""The description of the interface in OpenAPI, and the page that shows it to people."""

from typing import Any

from flask import Response, render_template

from app.api.consumer import applications, information, legal, metering, money, sign_in, users
from app.api.consumer.calls import ENDPOINTS, VERSION, blueprint
from app.api.openapi import Interface, answer_of, document

_PARTS = (sign_in, users, money, metering, legal, applications, information)
INTERFACE = Interface(
    "PC Billing for consumers",
    "Balance, bills, payments, readings, papers and applications of a consumer's accounts, for a mobile app. A token of a device opens it.",
    f"{VERSION}.0",
    {"type": "http", "scheme": "bearer"},
    tuple(endpoint.operation for endpoint in ENDPOINTS if endpoint.handler.__module__ in {part.__name__ for part in _PARTS}),
)


@blueprint.get("/openapi.json")
def description() -> Response:
    """Send the description of the interface."""
    return answer_of(INTERFACE)


@blueprint.get("/docs")
def docs() -> Any:
    """Show the description of the interface."""
    return render_template("portal/interface.html", described=document(INTERFACE))
