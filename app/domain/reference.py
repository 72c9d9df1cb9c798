"""Kinds of consumers and the languages they are written to."""

from enum import StrEnum


class ConsumerKind(StrEnum):
    """Who takes the energy."""

    HOUSEHOLD = "HOUSEHOLD"
    LEGAL = "LEGAL"


#: Languages a consumer or a user may choose, by locale code.
LANGUAGES = ("uz", "uz_Cyrl", "ru", "kaa", "en")
