"""Acts: how facts under bills, entries and papers change; one module a kind of act."""

from app.services.acts import address as _address  # noqa: F401 - registers its kind
from app.services.acts import closing as _closing  # noqa: F401 - registers its kinds
from app.services.acts import contracts as _contracts  # noqa: F401 - registers its kinds
from app.services.acts import identity as _identity  # noqa: F401
from app.services.acts import join_consumers as _joining  # noqa: F401
from app.services.acts import meters as _meters  # noqa: F401
from app.services.acts import opening as _opening  # noqa: F401
from app.services.acts import owner as _owner  # noqa: F401
from app.services.acts import prepaid as _prepaid  # noqa: F401
from app.services.acts import readings as _readings  # noqa: F401
from app.services.acts import supply_orders as _supply_orders  # noqa: F401 - registers its kinds
from app.services.acts import terms as _terms  # noqa: F401
from app.services.acts.core import SPECS, ActSpec, act_of, performs, preview, request_of, submit

__all__ = ["SPECS", "ActSpec", "act_of", "performs", "preview", "request_of", "submit"]
