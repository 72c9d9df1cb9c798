"""Alerts: a figure that crosses a threshold is told once, and again only after it came back."""

from enum import StrEnum


class AlertComparison(StrEnum):
    """On which side of the threshold a figure is told."""

    ABOVE = "ABOVE"
    BELOW = "BELOW"


class AlertEvent(StrEnum):
    """What happened to the figure of an alert."""

    CROSSED = "CROSSED"
    RETURNED = "RETURNED"


def event_of(comparison: AlertComparison, threshold: int, value: int | None, *, is_crossed: bool) -> AlertEvent | None:
    """Return what happened since the last look; a figure that is not known, or equals the threshold, is on the quiet side or stays.

    >>> event_of(AlertComparison.ABOVE, 10, 11, is_crossed=False), event_of(AlertComparison.ABOVE, 10, 12, is_crossed=True)
    (<AlertEvent.CROSSED: 'CROSSED'>, None)
    >>> event_of(AlertComparison.BELOW, 10, 10, is_crossed=True), event_of(AlertComparison.BELOW, 10, None, is_crossed=True)
    (<AlertEvent.RETURNED: 'RETURNED'>, None)

    :param is_crossed: it was told and did not come back since
    """
    if value is None:
        return None
    crosses = value > threshold if comparison == AlertComparison.ABOVE else value < threshold
    if crosses == is_crossed:
        return None
    return AlertEvent.CROSSED if crosses else AlertEvent.RETURNED
