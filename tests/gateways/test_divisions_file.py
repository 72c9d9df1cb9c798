import io
import json

import pytest
import xlsxwriter

from app.domain.readers import FileProblem
from app.gateways.divisions_file import DistrictRow, parse_districts
from app.gateways.tables import Unreadable

CHILONZOR = DistrictRow(2, "1726294", "1726", "Chilonzor tumani", "Чилонзор тумани", "Чиланзарский район")
PUBLIC = {
    "id": 15,
    "region_id": 1,
    "soato_id": 1726294,
    "name_uz": "Chilonzor tumani",
    "name_oz": "Чилонзор тумани",
    "name_ru": "Чиланзарский район",
}


def text(*rows: list[str]) -> bytes:
    return "\n".join(";".join(row) for row in rows).encode()


def public(**changes: object) -> bytes:
    return json.dumps([PUBLIC | changes], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "header",
    [
        ["code", "region", "name", "name_uz_cyrl", "name_ru"],
        ["SOATO", "region_soato", "name_uz", "name_oz", "name_ru"],
        ["soato_id", "region_id", "Name UZ", "Name OZ", "Name RU"],
        ["Код", "region", "name", "name_oz", "name_ru"],
    ],
    ids=lambda header: header[0],
)
def test_columns_are_known_by_their_names(header: list[str]) -> None:
    assert parse_districts(text(header, list(CHILONZOR[1:6])), "districts.csv") == [CHILONZOR]


def test_only_code_and_name_are_needed() -> None:
    content = text(["name", "code"], ["Chilonzor tumani", "1726294"])

    assert parse_districts(content, "districts.csv") == [DistrictRow(2, "1726294", "", "Chilonzor tumani", "", "")]


def test_workbook_with_numbers_for_codes_is_read() -> None:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["code", "region", "name", "name_uz_cyrl", "name_ru"])
        page.write_row(1, 0, [1726294, 1726, *CHILONZOR[3:6]])

    assert parse_districts(content.getvalue(), "districts.xlsx") == [CHILONZOR]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\r\n\t "])
def test_public_json_list_is_read(mark: bytes) -> None:
    content = mark + public()

    assert parse_districts(content, "districts.json") == [CHILONZOR._replace(row_no=1, region_code="")]


@pytest.mark.parametrize(
    ("region", "code"), [("1726", "1726"), (1726, "1726"), ("1726.0", "1726"), (14, ""), (17, ""), (1826, ""), (17265, ""), (None, "")]
)
def test_serial_number_of_a_region_is_not_taken_for_its_code(region: object, code: str) -> None:
    assert parse_districts(public(region_id=region), "districts.json")[0].region_code == code


@pytest.mark.parametrize("name", ["Oʻzbekiston", "O'zbekiston", "O’zbekiston", "<script>alert(1)</script>", "\u202eezar", "=1+1"])
def test_names_come_back_as_they_stand_there(name: str) -> None:
    assert parse_districts(public(name_uz=name), "districts.json")[0].name == name
    assert parse_districts(text(["code", "name"], ["1726294", name]), "districts.csv")[0].name == name


def test_surest_name_wins_and_other_keys_are_left_out() -> None:
    content = public(name="Chilonzor", code="7", borders=[[1, 2], [3, 4]], centre={"lat": 41.28}, current=True)

    assert parse_districts(content, "districts.json") == [CHILONZOR._replace(row_no=1, region_code="")]


def test_values_of_json_keep_their_writing() -> None:
    content = b'[{"code": 1E+1000000, "name": NaN}, {"code": 12.50, "name": true}, {"code": null, "name": "x"}, {"code": [1], "name": {}}]'

    rows = parse_districts(content, "districts.json")

    assert [(row.row_no, row.code, row.name) for row in rows] == [(1, "1E+1000000", "NaN"), (2, "12.50", "TRUE"), (3, "", "x")]


@pytest.mark.parametrize(
    ("content", "problem", "detail"),
    [
        (b"[]", FileProblem.NO_ROWS, "the file is empty"),
        (b"[{}, {}]", FileProblem.NO_ROWS, "the file is empty"),
        (b'[{"code": 1, "title": 2}]', FileProblem.NO_HEADER, "name"),
        (b'{"code": 1, "name": 2}', FileProblem.OTHER_KIND, "no JSON list of objects"),
        (b"[1, 2, 3]", FileProblem.OTHER_KIND, "no JSON list of objects"),
        (b'[{"code": 1, "name": "x"}, null]', FileProblem.OTHER_KIND, "no JSON list of objects"),
        (b'[{"code": 1, "name": "x"}', FileProblem.UNREADABLE, "JSON: "),
        (b'[{"code": 1, "name": "\xff"}]', FileProblem.UNREADABLE, "JSON: "),
        (b"[" * 100_000 + b"]" * 100_000, FileProblem.UNREADABLE, "JSON: "),
        (b"[" + b",".join(b'{"k%d": 1}' % key for key in range(2_000)) + b"]", FileProblem.TOO_LARGE, "2000 columns"),
        (b"[" + b" " * (16 << 20) + b"]", FileProblem.TOO_LARGE, "16 MB"),
        (b"[" + b"{}," * 5_000_000 + b"{}]", FileProblem.NO_ROWS, "the file is empty"),
        (text(["code", "name_ru"], ["1726294", "x"]), FileProblem.NO_HEADER, "name"),
        (text(["code", "name"]), FileProblem.NO_ROWS, "nothing below the header"),
        (b"%PDF-1.7", FileProblem.OTHER_KIND, "PDF"),
        (b"", FileProblem.NO_ROWS, "the file is empty"),
    ],
    ids=range(16),
)
def test_file_that_is_no_list_of_districts_is_refused(content: bytes, problem: FileProblem, detail: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse_districts(content, "districts.json")

    assert (caught.value.problem, detail in caught.value.detail) == (problem, True), caught.value.detail
