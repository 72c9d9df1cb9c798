"""Photographs of acts: kept with the act they belong to, once."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.acts import Act, ActPhoto
from app.services.administration import store_file


def attach(session: Session, act: Act, photos: Sequence[bytes]) -> None:
    """Keep the photographs of an act; one that has some already was sent twice, and keeps those."""
    if not photos or session.scalar(select(ActPhoto.id).where(ActPhoto.act_id == act.id).limit(1)):
        return
    for number, content in enumerate(photos, 1):
        name = f"act-{act.id}-{number}.jpg"
        stored = store_file(session, division_id=act.division_id, name=name, media_type="image/jpeg", content=content)
        session.add(ActPhoto(division_id=act.division_id, act_id=act.id, stored_file_id=stored.id))
    session.flush()
