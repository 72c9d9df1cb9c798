"""Labels of columns that have another word where people enter them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

#: What an inspection record is computed from.
ENTERED_LABELS: Mapping[str, Any] = {
    "phases": _("Phases"),
    "current_a": _("Permissible current of the smallest section, A"),
    "voltage_kv": _("Phase voltage, kV"),
    "power_factor": _("Power factor (cos φ)"),
    "capacity_kw": _("Capacity of the appliances, kW"),
    "hours_a_day": _("Hours a day"),
    "energy_milli": _("Energy of the window, measured"),
}
