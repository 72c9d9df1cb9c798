"""Applications of consumers: the inbox of departments, the card, filing at the office, and the dictionaries of kinds."""

from app.views.applications.filing import NewApplicationView
from app.views.applications.inbox import ApplicationInboxView, ApplicationView
from app.views.applications.reference import (
    ApplicationKindView,
    ApplicationSourceView,
    ApplicationStageView,
    ApplicationTermView,
    ReplyTemplateView,
    SpecialDayView,
)

#: The pages of this area.
VIEWS = (
    ApplicationInboxView,
    ApplicationView,
    NewApplicationView,
    ApplicationKindView,
    ApplicationTermView,
    ApplicationStageView,
    ReplyTemplateView,
    SpecialDayView,
    ApplicationSourceView,
)
