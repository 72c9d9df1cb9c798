"""Fields of acts for what registers showed."""

from typing import Any

from app.views.acts.base import ActForm

READING = "reading_"


class RegistersForm(ActForm):
    """An act with what every register of the place showed on its day."""

    def parameters(self) -> dict[str, Any]:
        """Return the fields of the kind as JSON, the dials by register."""
        plain = super().parameters()
        readings = {name.removeprefix(READING): plain.pop(name) for name in list(plain) if name.startswith(READING)}
        return plain | {"readings": {register: dial for register, dial in readings.items() if dial is not None}}
