"""Lists: which rows, in which order, how many at a time; the filters that hold; what is kept of them."""

from app.views.lists.filters import Offered as Offered
from app.views.lists.form import SMALL as SMALL
from app.views.lists.form import FilterForm as FilterForm
from app.views.lists.form import filtered as filtered
from app.views.lists.form import filtered_by as filtered_by
from app.views.lists.rows import ListRows as ListRows
from app.views.lists.rows import show_numbers as show_numbers
