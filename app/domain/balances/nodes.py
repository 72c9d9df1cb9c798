"""Balance of a month for a node or any cut of the network: in, out, own needs, technical losses, and what they do not explain.

``in = out + own needs + technical losses + imbalance``. A metering point stands on an edge between two nodes or between a node and
outside, so that it enters a cut once, leaves it once, or lies inside and drops out: imbalances of nodes add up to that of all of
them, exactly, in whole thousandths. Source: shared facts "losses and metering", section 2.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from app.domain.balances.imbalance import ERROR_FACTOR, InstrumentErrors, MeteredEnergy, allowed_imbalance
from app.domain.balances.losses import LossKind

#: Outside of the network: the supplier above, consumers and generators.
OUTSIDE = None


class PointRole(StrEnum):
    """What the energy of a metering point is taken for."""

    FLOW = "FLOW"  # from or to the network outside, or between nodes
    SALE = "SALE"
    FEED_IN = "FEED_IN"  # a consumer gives energy
    OWN_NEEDS = "OWN_NEEDS"  # of a substation
    PRODUCTION_NEEDS = "PRODUCTION_NEEDS"  # of the company


class BalanceVerdict(StrEnum):
    """What a balance says."""

    WITHIN = "WITHIN"  # meters explain the imbalance
    LOST = "LOST"  # more is missing than they explain
    GAINED = "GAINED"  # more went out than came in, beyond what they explain
    NOT_JUDGED = "NOT_JUDGED"


class NotJudged(StrEnum):
    """Why a balance is not judged."""

    NO_HEAD_READING = "NO_HEAD_READING"
    MISSING_READING = "MISSING_READING"
    ESTIMATED_SHARE = "ESTIMATED_SHARE"  # above the limit


class BalanceFault(StrEnum):
    """Why no balance can be computed."""

    REPEATED_POINT = "REPEATED_POINT"  # one metering point on two edges
    DIRECTION_REVERSED = "DIRECTION_REVERSED"  # its quantity is below zero
    LEADS_NOWHERE = "LEADS_NOWHERE"  # both sides are the same
    NO_POINTS = "NO_POINTS"  # a point stands for no meters
    NEGATIVE_LOSSES = "NEGATIVE_LOSSES"
    LOSSES_ABOVE_INPUT = "LOSSES_ABOVE_INPUT"


class BalanceRefused(Exception):
    """Points or losses are wrong; the text names what and where.

    :ivar fault: what
    :ivar element: point or node
    """

    def __init__(self, fault: BalanceFault, element: str) -> None:
        super().__init__(f"{fault} {element}")
        self.fault, self.element = fault, element


class Point(NamedTuple):
    """A metering point of a month, or alike points of mass consumers together.

    :ivar from_node: where its energy comes from; None: outside
    :ivar quantity_milli: None where nothing was read
    :ivar group: tariff group of what is sold
    :ivar estimated: points of it with an estimated reading
    :ivar estimated_milli: their quantity
    """

    id: str
    from_node: str | None
    to_node: str | None
    quantity_milli: int | None
    errors: InstrumentErrors = InstrumentErrors()
    role: PointRole = PointRole.FLOW
    group: str = ""
    points: int = 1
    estimated: int = 0
    estimated_milli: int = 0


class Limits(NamedTuple):
    """Settings of the company: the factor of errors, and the largest estimated share of a balance that is judged."""

    error_factor: float = ERROR_FACTOR
    largest_estimated_percent: float = 30.0


DEFAULT_LIMITS = Limits()


class NodeBalance(NamedTuple):
    """Balance of one cut; quantities in thousandths, shares in percent.

    :ivar actual_milli: losses as reported: in − out − own needs
    :ivar excess_milli: imbalance beyond the allowed one, 0 if it is within
    :ivar coverage_percent: points with an actual reading
    """

    in_milli: int
    out_by_group: Mapping[str, int]
    passed_milli: int
    own_needs_milli: int
    technical: Mapping[LossKind, int]
    allowed_percent: float | None
    estimated_percent: float
    coverage_percent: float
    verdict: BalanceVerdict
    not_judged: NotJudged | None

    @property
    def technical_milli(self) -> int:
        """Return the technical losses of all kinds: what is normal."""
        return sum(self.technical.values())

    @property
    def actual_milli(self) -> int:
        """Return the losses as reported: in, without what went out and own needs."""
        return self.in_milli - sum(self.out_by_group.values()) - self.passed_milli - self.own_needs_milli

    @property
    def imbalance_milli(self) -> int:
        """Return what technical losses do not explain: the deviation of actual from normative losses."""
        return self.actual_milli - self.technical_milli

    @property
    def allowed_milli(self) -> float:
        """Return the allowed imbalance as a quantity."""
        return (self.allowed_percent or 0.0) / 100 * self.in_milli

    @property
    def excess_milli(self) -> float:
        """Return the imbalance beyond the allowed one, 0 if it is within."""
        return max(abs(self.imbalance_milli) - self.allowed_milli, 0.0)

    def percent(self, quantity_milli: float) -> float:
        """Return a quantity as percent of the input; of no input 0."""
        return 100 * quantity_milli / self.in_milli if self.in_milli else 0.0


def balance(
    cut: Collection[str], points: Iterable[Point], technical: Mapping[str, Mapping[LossKind, int]], limits: Limits = DEFAULT_LIMITS
) -> NodeBalance:
    """Return the balance of a cut: of one node, of a node with all below it, or of any nodes whose edges are metered.

    :param technical: node → losses of its own level by kind, thousandths
    :raises BalanceRefused: for points that stand twice or are reversed, and for losses above the input
    """
    nodes, given = frozenset(cut), list(points)
    _check(given, technical)
    bounding = [each for each in given if (each.from_node in nodes) != (each.to_node in nodes)]
    entering = [each for each in bounding if each.to_node in nodes]
    leaving = [each for each in bounding if each.from_node in nodes]
    whole = NodeBalance(
        _sum(entering), _by_group(leaving), _sum(_passed(leaving)), _sum(_own_needs(leaving)), _by_kind(nodes, technical),
        None, _estimated(bounding), _coverage(bounding), BalanceVerdict.NOT_JUDGED, None,
    )  # fmt: skip
    if whole.in_milli and whole.technical_milli > whole.in_milli:
        raise BalanceRefused(BalanceFault.LOSSES_ABOVE_INPUT, ", ".join(sorted(nodes)))
    return _judged(whole, entering, bounding, limits)


def below(node: str, parents: Mapping[str, str | None]) -> frozenset[str]:
    """Return a node with all nodes below it.

    :param parents: node → the node above it
    """
    found = {node}
    while added := {each for each, parent in parents.items() if parent in found} - found:
        found |= added
    return frozenset(found)


def _check(points: Iterable[Point], technical: Mapping[str, Mapping[LossKind, int]]) -> None:
    seen = set[str]()
    for each in points:
        for fault in _faults(each, seen):
            raise BalanceRefused(fault, each.id)
        seen.add(each.id)
    for node, kinds in technical.items():
        if min(kinds.values(), default=0) < 0:
            raise BalanceRefused(BalanceFault.NEGATIVE_LOSSES, node)


def _faults(point: Point, seen: Collection[str]) -> Iterator[BalanceFault]:
    if point.id in seen:
        yield BalanceFault.REPEATED_POINT
    if point.from_node == point.to_node:
        yield BalanceFault.LEADS_NOWHERE
    if point.quantity_milli is not None and point.quantity_milli < 0:
        yield BalanceFault.DIRECTION_REVERSED
    if point.points < 1:
        yield BalanceFault.NO_POINTS


def _judged(whole: NodeBalance, entering: Collection[Point], bounding: Collection[Point], limits: Limits) -> NodeBalance:
    """Add the allowed imbalance and the verdict."""
    if not whole.in_milli or any(each.quantity_milli is None for each in entering):
        return whole._replace(not_judged=NotJudged.NO_HEAD_READING)
    measured = [MeteredEnergy(each.quantity_milli or 0, each.errors, each.points) for each in bounding]
    allowed = allowed_imbalance(measured, whole.in_milli, limits.error_factor).value
    whole = whole._replace(allowed_percent=allowed)
    if any(each.quantity_milli is None for each in bounding):
        return whole._replace(not_judged=NotJudged.MISSING_READING)
    if whole.estimated_percent > limits.largest_estimated_percent:
        return whole._replace(not_judged=NotJudged.ESTIMATED_SHARE)
    if not whole.excess_milli:
        return whole._replace(verdict=BalanceVerdict.WITHIN)
    return whole._replace(verdict=BalanceVerdict.LOST if whole.imbalance_milli > 0 else BalanceVerdict.GAINED)


def _sum(points: Iterable[Point]) -> int:
    return sum(each.quantity_milli or 0 for each in points)


def _by_group(leaving: Iterable[Point]) -> Mapping[str, int]:
    sold = Counter[str]()
    for each in leaving:
        if each.role is PointRole.SALE:
            sold[each.group] += each.quantity_milli or 0
    return sold


def _passed(leaving: Iterable[Point]) -> list[Point]:
    """Return the points that lead to other nodes and to the network outside."""
    return [each for each in leaving if each.role in {PointRole.FLOW, PointRole.FEED_IN}]


def _own_needs(leaving: Iterable[Point]) -> list[Point]:
    return [each for each in leaving if each.role in {PointRole.OWN_NEEDS, PointRole.PRODUCTION_NEEDS}]


def _by_kind(nodes: Collection[str], technical: Mapping[str, Mapping[LossKind, int]]) -> Mapping[LossKind, int]:
    lost = Counter[LossKind]()
    for node in nodes:
        lost.update(technical.get(node, {}))
    return lost


def _estimated(bounding: Collection[Point]) -> float:
    whole = _sum(bounding)
    return 100 * sum(each.estimated_milli for each in bounding) / whole if whole else 0.0


def _coverage(bounding: Collection[Point]) -> float:
    counted = sum(each.points for each in bounding)
    actual = sum(each.points - each.estimated for each in bounding if each.quantity_milli is not None)
    return 100 * actual / counted if counted else 0.0
