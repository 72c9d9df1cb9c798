"""Messages to consumers."""

from flask_appbuilder.models.sqla.interface import SQLAInterface

from app.models.notices import Notice
from app.views.base import FactView


class NoticeView(FactView):
    datamodel = SQLAInterface(Notice)
    list_columns = ["id", "account", "phone", "status", "created_at", "sent_at"]
    show_columns = [*list_columns, "created_by"]
    base_order = ("id", "desc")
