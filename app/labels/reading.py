"""What readers of values and files say: why a text is not the value, why a row or a file is refused, and where."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.domain.readers import ReadingFault
from app.labels.columns import COLUMN_LABELS

#: Why a text is not the value that is expected there.
VALUE_FAULTS: tuple[tuple[ReadingFault, Any], ...] = (
    (ReadingFault.EMPTY, _("Empty. Fill it in.")),
    (ReadingFault.NOT_A_NUMBER, _("This is no number. Write it like 1234.56 or 1 234,56.")),
    (
        ReadingFault.TOO_MANY_DECIMALS,
        _("Too many digits after the separator. Write thousands without a separator: 1000 or 1 000,50."),
    ),
    (ReadingFault.TOO_LARGE, _("The amount is beyond the limit of the system.")),
    (ReadingFault.OUT_OF_RANGE, _("A percent lies between 0 and 100.")),
    (ReadingFault.NOT_A_DAY, _("This is no day from 1900 to 2199. Write it like 2026-01-31 or 31.01.2026.")),
    (ReadingFault.NOT_A_MOMENT, _("This is no moment. Write it like 2026-01-31 14:05:00.")),
    (ReadingFault.NOT_AN_ACCOUNT_NUMBER, _("This is no account number: it has 12 or 13 digits.")),
)
#: Why a cell or a row of a file cannot be used, whatever its column.
FILE_FAULTS: tuple[tuple[ReadingFault, Any], ...] = (
    (ReadingFault.ERROR_CELL, _("The spreadsheet shows an error in this cell. Mend its formula or write the value.")),
    (
        ReadingFault.LONG_NUMBER,
        _("The spreadsheet keeps 15 digits of a number and lost the others. Format the column as text and write it again."),
    ),
    (ReadingFault.EXTRA_CELLS, _("The row has more filled cells than the header. Look for a separator inside a number or a name.")),
    (ReadingFault.BAD_QUOTES, _("The quotation marks of the row do not match. Double those inside a text, or remove them.")),
    (ReadingFault.CONTROL_CHARACTER, _("The row has a control character that no text holds.")),
    (ReadingFault.TEXT_TOO_LONG, _("A text of the row is too long.")),
)

#: Where and what in a file that is refused; listed so that the messages are collected for the translators.
FILE_DETAILS = (
    _("missing columns: %(columns)s"),
    _("%(column)s stands twice"),
    _("%(column)s stands %(count)s times"),
    _("It has the number %(number)s."),
    _("JSON of more than %(limit)s MB"),
    _("JSON: %(error)s"),
    _("a control character: this is no text"),
    _("a damaged workbook: %(error)s"),
    _("a line of more than %(limit)s characters"),
    _("an archive with too many or repeated members"),
    _("an archive, but no .xlsx workbook"),
    _("line %(row)s is in UTF-8, other lines are not"),
    _("more than %(limit)s MB"),
    _("more than %(limit)s MB of text"),
    _("more than %(limit)s cells"),
    _("more than %(limit)s rows"),
    _("no row begins with %(mark)s: the file may be cut"),
    _("no row of a payment"),
    _("no text in a known encoding: %(error)s"),
    _("not in the encoding of the profile: %(error)s"),
    _("not read within %(limit)s s"),
    _("nothing below the header"),
    _("reading broke off"),
    _("reading failed with status %(status)s"),
    _("reading gives too much"),
    _("reading takes too much memory"),
    _("row %(row)s has %(columns)s columns, more than %(limit)s"),
    _("row %(row)s has an amount below the control totals"),
    _("the DBF file's column %(column)s has the type %(type)s, which is not read"),
    _("the control totals cannot be read in row %(row)s; the file may be cut"),
    _("the file ends above its control totals"),
    _("the file is empty"),
    _("the header of the DBF file is damaged"),
    _("the header tells of %(declared)s records, the file has %(found)s"),
    _("the sheet spans %(rows)s rows and %(columns)s columns"),
    _("the workbook declares entities"),
    _("the workbook is locked with a password"),
    _("the workbook is packed in an unusual way"),
    _("the workbook unpacks to far more than its size"),
    _("the workbook unpacks to more than %(limit)s MB"),
    _("this is a PDF document"),
    _("this is an old .xls workbook, or one with a password"),
    _("this is a gzip archive"),
    _("this is a 7z archive"),
    _("this is a RAR archive"),
    _("this is an RTF document"),
    _("this is a picture"),
    _("this is an XML document"),
    _("this is a web page"),
    _("this is UTF-16, not %(encoding)s"),
    _("this is an archive or a workbook"),
    _("this is no .xlsx workbook"),
    _("this is no DBF file"),
    _("this is no JSON list of objects"),
    _("damaged XML: %(error)s"),
    _("this is no camt.053 or camt.054 message but %(root)s"),
    _("%(mark)s is missing"),
    _("a section with too much in it: %(mark)s"),
    _("the message declares a document type or entities"),
    _("elements stand too deep, or an entry has too many of them"),
    _("this is no 1CClientBankExchange file"),
)


def file_detail(detail: str, parameters: Mapping[str, Any] | None) -> str:
    """Return where and what is wrong in a file, in the reader's language."""
    if not parameters:
        return gettext(detail) if detail and "%" not in detail else detail
    columns = {name: _columns(str(parameters[name])) for name in ("column", "columns") if name in parameters}
    return gettext(detail, **{**parameters, **columns})


def _columns(names: str) -> str:
    """Return names of columns, our own as people know them."""
    return ", ".join(str(COLUMN_LABELS.get(name, name)) for name in names.split(", "))
