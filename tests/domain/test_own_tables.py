"""Figures laid out by rows and columns: whatever stands in a total is what it is said to be the total of."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.reports.own import ALL, cube, laid_out

FACTS = st.lists(
    st.tuples(
        st.tuples(st.sampled_from("abc"), st.sampled_from([1, 2]), st.sampled_from("xy")),
        st.lists(st.integers(-5, 5), min_size=2, max_size=2),
    ),
    max_size=12,
)


def same(value: object) -> object:
    return value


@given(FACTS)
def test_total_is_the_sum_of_all_facts_it_covers(facts: list[tuple[tuple[str, int, str], list[int]]]) -> None:
    found = cube(facts).figures

    for key, figures in found.items():
        covered = [values for each, values in facts if all(wanted in (ALL, own) for wanted, own in zip(key, each, strict=True))]
        assert figures == [sum(values) for values in zip(*covered, strict=True)]


@given(FACTS)
def test_cells_of_a_row_add_up_to_its_total(facts: list[tuple[tuple[str, int, str], list[int]]]) -> None:
    grid = laid_out(cube(facts), [same, same, same], across=True, figures=2)

    for row in grid.rows:
        figures = [sum(cell or 0 for cell in row.cells[place:-2:2]) for place in (0, 1)]
        assert figures == [cell or 0 for cell in row.cells[-2:]]


def test_rows_stand_in_order_with_sums_below_them() -> None:
    found = cube([(("b", 2), [1]), (("a", 1), [2]), (("b", 1), [4])])

    grid = laid_out(found, [same, same], across=False, figures=1)

    assert [(row.key, row.cells) for row in grid.rows] == [
        (("a", 1), [2]), (("a", ALL), [2]), (("b", 1), [4]), (("b", 2), [1]), (("b", ALL), [5]), ((ALL, ALL), [7]),
    ]  # fmt: skip
    assert grid.columns == [ALL]


def test_dimension_that_is_given_whole_is_not_added_up() -> None:
    found = cube([((1, "a"), [10]), ((2, "a"), [20]), ((ALL, "a"), [25])], given=[0])

    grid = laid_out(found, [same, same], across=False, figures=1)

    assert grid.rows[-1].cells == [25]


def test_what_has_no_figure_is_told_from_nothing() -> None:
    found = cube([(("a",), [None, 0]), (("a",), [None, 3])])

    assert found.figures[("a",)] == [None, 3]


def test_table_without_facts_has_no_rows() -> None:
    assert laid_out(cube([]), [same], across=False, figures=1).rows == []
