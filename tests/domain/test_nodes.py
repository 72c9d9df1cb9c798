"""How a node is judged, and when attempts that failed are a change that cannot be applied."""

import pytest

from app.domain.administration.nodes import NodeCondition, are_failures_of_a_change, condition, key_range


@pytest.mark.parametrize(
    ("is_linked", "is_stopped", "silent_s", "versions_behind", "judged"),
    [
        (False, True, None, 3, NodeCondition.BY_PACKAGES),
        (True, True, None, 3, NodeCondition.STOPPED),
        (True, False, None, 0, NodeCondition.SILENT),
        (True, False, 181, 0, NodeCondition.SILENT),
        (True, False, 180, 0, NodeCondition.IN_STEP),
        (True, False, 0, 1, NodeCondition.BEHIND),
        (True, False, 0, 0, NodeCondition.IN_STEP),
    ],
)
def test_node_is_judged_by_the_worst_that_is_known(
    is_linked: bool, is_stopped: bool, silent_s: float | None, versions_behind: int, judged: NodeCondition
) -> None:
    assert (
        condition(is_linked=is_linked, is_stopped=is_stopped, silent_s=silent_s, silent_after_s=180, versions_behind=versions_behind)
        is judged
    )


@pytest.mark.parametrize(
    ("added", "seconds", "is_running", "are"),
    [
        (3, 60, False, True),
        (3, 60.1, False, False),
        (2, 1, False, False),
        (3, 60, True, False),
        (6, 120, False, True),
        (5, 120, False, False),
    ],
)
def test_three_failures_a_minute_are_a_change_that_cannot_be_applied(added: int, seconds: float, is_running: bool, are: bool) -> None:
    assert are_failures_of_a_change(added=added, seconds=seconds, is_running=is_running) is are


def test_keys_of_nodes_neither_touch_nor_leave_a_gap() -> None:
    for number in (1, 2, 500):
        assert key_range(number).last + 2 == key_range(number + 1).first
