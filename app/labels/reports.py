"""What is said where a report cannot be made or cannot go on."""

from collections.abc import Mapping

from flask_babel import gettext as _

from app.domain.reports import PartFault, StepProblem
from app.labels.figures import member, month


def step_problem(problem: StepProblem, divisions: Mapping[int, str]) -> str:
    """Return why something cannot happen to a stored report.

    :param divisions: division → its name
    """
    if isinstance(problem.fault, PartFault):
        return _("%(division)s: %(problem)s", division=divisions.get(problem.division_id or 0, ""), problem=member(problem.fault))
    if problem.month is not None:
        return _("%(month)s is open. Close it before a report of it is signed.", month=month(problem.month))
    return member(problem.fault)
