"""Columns of devices: their documents and movements, seals, and what they send."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

OF_DEVICES: Mapping[str, Any] = {
    "meter_removed": _("Meter taken off"),
    "meter_installed": _("Meter installed"),
    "transformer_ratio": _("Transformer ratios"),
    "meter_change_reason": _("Cause"),
    "seals": _("Seals"),
    "photos": _("Photographs"),
    "readings_taken_back": _("Readings taken back"),
    "brigade": _("Brigade"),
    "device_kind": _("Kind of device"),
    "has_registers": _("Counts"),
    "certificate_number": _("Number of the certificate"),
    "organisation": _("Issued by"),
    "device": _("Device"),
    "equipment_document": _("Document"),
    "from_kind": _("From"),
    "from_point": _("From the place"),
    "from_state": _("State before"),
    "from_stock_place": _("From the warehouse or brigade"),
    "keeper": _("Keeper"),
    "most_devices": _("At most devices"),
    "moved_on": _("Moved on"),
    "place_kind": _("Where"),
    "signatures_needed": _("Signatures needed"),
    "stock_place": _("Warehouse or brigade"),
    "to_division": _("To the division"),
    "to_kind": _("To"),
    "to_point": _("To the place"),
    "to_state": _("State after"),
    "to_stock_place": _("To the warehouse or brigade"),
    "inventory_id": _("Inventory"),
    "parked_reason": _("Why it waits"),
    "step_minutes": _("Step, minutes"),
    "gap_minutes": _("Minutes not sent"),
    "quantities": _("Energy by steps"),
    "qualities": _("Quality by steps"),
    "parked_device": _("Parked device"),
    "other_reading": _("Other source"),
    "serial_key": _("Number as it is compared"),
    "is_reliable": _("Vouched for"),
}
