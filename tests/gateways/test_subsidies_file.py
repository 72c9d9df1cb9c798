import pytest

from app.gateways.subsidies_file import SubsidyLine, parse_subsidies
from app.gateways.tables import Unreadable


@pytest.mark.parametrize("header", ["account number;amount;month", "Лицевой счёт;Сумма;Месяц", "hisobraqam;summa;oy"])
def test_columns_are_found_by_their_names_in_any_language(header: str) -> None:
    content = f"{header}\n269010000017;150000,50;2026-02\n".encode()

    assert parse_subsidies(content, "subsidies.csv") == [SubsidyLine(2, "269010000017", "150000,50", "2026-02")]


def test_file_without_a_needed_column_is_refused() -> None:
    with pytest.raises(Unreadable):
        parse_subsidies(b"account number;amount\n269010000017;1\n", "subsidies.csv")
