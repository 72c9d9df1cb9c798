"""One phrase an enum member of applications."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from app.domain.applications import (
    ApplicationEvent,
    ApplicationRefusal,
    ApplicationStatus,
    ApplicationWay,
    ApplicationWork,
    FilingRight,
)

APPLICATION_LABELS: tuple[tuple[StrEnum, Any], ...] = (
    (ApplicationStatus.RECEIVED, _("Received")),
    (ApplicationStatus.TAKEN, _("In work")),
    (ApplicationStatus.RETURNED, _("Waits for the consumer")),
    (ApplicationStatus.ACCEPTED, _("Accepted, being carried out")),
    (ApplicationStatus.DONE, _("Done")),
    (ApplicationStatus.REFUSED, _("Refused")),
    (ApplicationStatus.WITHDRAWN, _("Withdrawn")),
    (ApplicationEvent.FILE, _("Filed")),
    (ApplicationEvent.TAKE, _("Take into work")),
    (ApplicationEvent.PASS_ON, _("Pass on")),
    (ApplicationEvent.RETURN, _("Ask the consumer")),
    (ApplicationEvent.ANSWER, _("Answer of the consumer")),
    (ApplicationEvent.ACCEPT, _("Accept")),
    (ApplicationEvent.FINISH, _("Done, with an answer")),
    (ApplicationEvent.REOPEN, _("Take back into work")),
    (ApplicationEvent.REFUSE, _("Refuse")),
    (ApplicationEvent.WITHDRAW, _("Withdrawn by the consumer")),
    (ApplicationEvent.ESCALATE, _("Late: reported")),
    (ApplicationWay.PORTAL, _("Personal account")),
    (ApplicationWay.OFFICE, _("Office")),
    (ApplicationWay.API, _("Other system")),
    (ApplicationWay.SMS, _("SMS")),
    (FilingRight.OWNER, _("The consumer of the account")),
    (FilingRight.ANYONE, _("Anybody")),
    (FilingRight.STAFF, _("The office only")),
    (ApplicationWork.OPEN_ACCOUNT, _("Opens an account")),
    (ApplicationWork.EXCHANGE_METER, _("Exchanges the meter")),
    (ApplicationWork.VERIFY_METER, _("Records a verification of the meter")),
    (ApplicationWork.BILL_AGAIN, _("Bills months again")),
    (ApplicationWork.CHANGE_OWNER, _("Changes the owner")),
    (ApplicationWork.GRANT_BENEFIT, _("Grants a benefit")),
    (ApplicationWork.DISCONNECT, _("Orders a disconnection")),
    (ApplicationWork.RECONNECT, _("Orders a reconnection")),
    (ApplicationWork.ANSWER, _("Is answered in writing")),
    (ApplicationWork.CLOSE_ACCOUNT, _("Closes the account")),
    (ApplicationWork.REOPEN_ACCOUNT, _("Reopens the account")),
    (ApplicationWork.CORRECT_DATA, _("Corrects data of the consumer")),
)

#: What happened, where it is told; ``ApplicationEvent`` itself is what one does.
APPLICATION_STEPS = {
    ApplicationEvent.FILE: _("Filed"),
    ApplicationEvent.TAKE: _("Taken into work"),
    ApplicationEvent.PASS_ON: _("Passed on"),
    ApplicationEvent.RETURN: _("The consumer was asked"),
    ApplicationEvent.ANSWER: _("Answer of the consumer"),
    ApplicationEvent.ACCEPT: _("Application accepted"),
    ApplicationEvent.FINISH: _("Carried out"),
    ApplicationEvent.REOPEN: _("Taken back into work"),
    ApplicationEvent.REFUSE: _("Application refused"),
    ApplicationEvent.WITHDRAW: _("Withdrawn by the consumer"),
    ApplicationEvent.ESCALATE: _("Late: reported"),
}

#: ``%(detail)s`` stands for the number, field or limit a refusal names.
APPLICATION_REFUSALS = {
    ApplicationRefusal.UNKNOWN_KIND: _("There is no such kind of application."),
    ApplicationRefusal.INACTIVE_KIND: _("Applications of this kind are not taken yet: %(detail)s."),
    ApplicationRefusal.NO_TERM: _("No term is set for this kind: %(detail)s."),
    ApplicationRefusal.NOT_YOURS: _("Only the consumer of the account may file this application."),
    ApplicationRefusal.STAFF_ONLY: _("This application is filed at the office."),
    ApplicationRefusal.NO_ACCOUNT: _("Say which account it is about."),
    ApplicationRefusal.ACCOUNT_CLOSED: _("The account %(detail)s is closed."),
    ApplicationRefusal.ACCOUNT_OPEN: _("The account %(detail)s is open."),
    ApplicationRefusal.NO_APPLICANT: _("Write the name and, without an account, the telephone of the applicant."),
    ApplicationRefusal.OPEN_ALREADY: _("An application for this is under way already: %(detail)s."),
    ApplicationRefusal.OTHER_CONTENTS: _("This form was used for another application already. Begin anew."),
    ApplicationRefusal.WRONG_FIELDS: _("This is missing or wrong: %(detail)s."),
    ApplicationRefusal.TOO_FEW_DOCUMENTS: _("Attach at least so many files: %(detail)s."),
    ApplicationRefusal.TOO_MANY_DOCUMENTS: _("No more files are taken than %(detail)s."),
    ApplicationRefusal.DOCUMENT_TOO_LARGE: _("The file is too large: %(detail)s."),
    ApplicationRefusal.NOT_POSSIBLE: _("This does not fit where the application stands now."),
    ApplicationRefusal.NO_REASON: _("Write what the consumer is told."),
    ApplicationRefusal.NO_PAPER: _("Attach the paper of this stage first: %(detail)s."),
    ApplicationRefusal.NO_SIGNED_PAPER: _("Attach the paper on which the consumer answered."),
    ApplicationRefusal.NO_NEXT_STAGE: _("No department comes after this one."),
    ApplicationRefusal.STAGE_LEFT: _("Pass it on: further departments of its route have not had it yet."),
    ApplicationRefusal.NOT_ITS_WORK: _("The document is not what this application asks for."),
    ApplicationRefusal.OTHER_DIVISION: _("You do not work in the division of this application."),
}
