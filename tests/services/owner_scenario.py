"""Changes of owner."""

from typing import Any

from app.domain.acts import ActKind
from app.models.acts import Act
from tests.services.act_scenario import Office


def change(office: Office, **parameters: Any) -> Act:
    given = {"kind": "HOUSEHOLD", "name": "Toʻxtayeva Nodira", "identifier": None, "phone": None, "language": "ru", "debt": "TAKEN_OVER"}
    return office.perform(ActKind.CHANGE_OWNER, **(given | parameters))
