"""Links for paying in messages: made for the accounts of a step at once, only where the words of the kind name them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from app.domain.calendar import TASHKENT
from app.domain.notices import NoticeKind, Value, places_of
from app.domain.portal import LinkPurpose
from app.queries.notices import templates
from app.services import links
from app.services.links import LinkTerms

_PLACE = "link"


def paying_links(
    session: Session, kind: NoticeKind, account_ids: Collection[int], terms: LinkTerms, *, now: datetime, is_preview: bool = False
) -> dict[int, dict[str, Value]]:
    """Return by account what stands in the place of the link; nothing where no words of the kind have such a place.

    :param is_preview: no links are made; an address as long as theirs stands for each
    """
    words = templates(session, kind, now.astimezone(TASHKENT).date())
    if not any(_PLACE in places_of(text) for text in words.values()):
        return {}
    if is_preview:
        return {account_id: {_PLACE: terms.sample} for account_id in account_ids}
    tokens = links.make_many(session, account_ids, LinkPurpose.PAY, key=terms.key, now=now)
    return {account_id: {_PLACE: terms.address_of(token)} for account_id, token in tokens.items()}
