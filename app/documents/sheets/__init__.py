"""Fixed forms as data: captions, lines and places. Both ways of printing read this one record.

A form says what stands in which order (``Table``, ``Row``, ``Cell``); ``laid`` gives each row its place on a page, each text
its lines and each page its number. ``html`` prints one sheet with the style of all other documents, ``drawing`` many at once.
"""

from app.documents.sheets.record import A4 as A4
from app.documents.sheets.record import MM as MM
from app.documents.sheets.record import Cell as Cell
from app.documents.sheets.record import Code as Code
from app.documents.sheets.record import Row as Row
from app.documents.sheets.record import Rule as Rule
from app.documents.sheets.record import Sheet as Sheet
from app.documents.sheets.record import SheetForm as SheetForm
from app.documents.sheets.record import Table as Table
from app.documents.sheets.record import copy_line as copy_line
from app.documents.sheets.record import figures as figures
from app.documents.sheets.record import head as head
from app.documents.sheets.record import line as line
from app.documents.sheets.record import pairs as pairs
from app.documents.sheets.record import signatures as signatures
from app.documents.sheets.record import staying as staying
