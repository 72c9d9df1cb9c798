"""An account whose meters are installed, removed and exchanged by acts."""

from collections.abc import Mapping
from datetime import date
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.domain.acts import ActKind, ActRequest
from app.domain.seals import SealEvent, SealPlace
from app.models.acts import Act
from app.models.seals import Seal
from app.services import acts, seals
from app.services.seals import SealCause
from tests.builders import Home

JAN, FEB, MARCH, APRIL = (date(2026, month, 1) for month in range(1, 5))
TODAY = date(2026, 4, 20)
_references = count(1)


class Fitter(NamedTuple):
    """Somebody who enters what a brigade did with the meters of a home."""

    session: Session
    home: Home
    today: date = TODAY

    def request(self, kind: ActKind, on: date, **given: Any) -> ActRequest:
        return ActRequest(
            kind, self.home.division_id, on, "work order no. 7", given, f"meters {next(_references)}", account_id=self.home.account_id
        )

    def perform(self, kind: ActKind, on: date, **given: Any) -> Act:
        return acts.submit(self.session, self.request(kind, on, **given), today=self.today)

    def exchange(self, on: date, closing: int | Mapping[str, int], serial: str, opening: int | Mapping[str, int] = 0, **given: Any) -> Act:
        return self.perform(ActKind.EXCHANGE_METER, on, **self.exchanged(closing, serial, opening), **given)

    def exchanged(self, closing: int | Mapping[str, int], serial: str, opening: int | Mapping[str, int] = 0) -> dict[str, Any]:
        """Return what the form of an exchange holds."""
        return {**self.closing(closing), **self.opening(serial, opening)}

    def remove(self, on: date, closing: int | Mapping[str, int], **given: Any) -> Act:
        return self.perform(ActKind.REMOVE_METER, on, **self.closing(closing), **given)

    def install(self, on: date, serial: str, opening: int | Mapping[str, int] = 0, **given: Any) -> Act:
        return self.perform(ActKind.INSTALL_METER, on, **self.opening(serial, opening), **given)

    def undo(self, act: Act) -> Act:
        request = acts.request_of(act, effective_on=self.today, reason="a mistake", reference=f"undo {next(_references)}")
        return acts.submit(self.session, request, today=self.today)

    def closing(self, dials: int | Mapping[str, int]) -> dict[str, Any]:
        """Return what the registers of the meter that serves now show, as a form gives it."""
        shown = {"TOTAL": dials} if isinstance(dials, int) else dials
        readings = {str(self.registers()[code]): dial * 1000 for code, dial in shown.items()}
        return {"readings": readings, "brigade_id": self.brigade_id()}

    def brigade_id(self) -> int:
        """Return the brigade of the home's division."""
        statement = """
            INSERT INTO brigade (division_id, name) VALUES (:division, 'Brigade 1')
            ON CONFLICT (division_id, name) DO UPDATE SET name = excluded.name RETURNING id
            """
        return int(self.session.scalar(text(statement), {"division": self.home.division_id}) or 0)

    def devices(self) -> list[tuple[Any, ...]]:
        """Return where the meters of the division are: number, state, kind of place."""
        statement = "SELECT serial_number, state, place_kind FROM device WHERE division_id = :division ORDER BY 1"
        return [tuple(row) for row in self.session.execute(text(statement), {"division": self.home.division_id})]

    def opening(self, serial: str, dials: int | Mapping[str, int]) -> dict[str, Any]:
        shown = {"TOTAL": dials} if isinstance(dials, int) else dials
        model_id = self.session.scalar(text("SELECT min(id) FROM device_model"))
        opening = {code: dial * 1000 for code, dial in shown.items()}
        return {"serial_number": serial, "model_id": model_id, "digits": 5, "verified_to": "2034-01-01", "opening": opening}

    def registers(self) -> dict[str, int]:
        """Return the registers of the meter that was installed last, by their codes."""
        statement = """
            SELECT g.code, g.id FROM register g WHERE g.meter_id = (
                SELECT meter_id FROM meter_installation i WHERE service_point_id = :point AND coalesce(i.valid_to > i.valid_from, true)
                ORDER BY valid_from DESC, id DESC LIMIT 1)
            """
        return {str(row[0]): int(row[1]) for row in self.session.execute(text(statement), {"point": self.home.service_point_id})}

    def present(self) -> Home:
        """Return the home with the meter that was installed last."""
        statement = """
            SELECT i.id, (SELECT g.id FROM register g WHERE g.meter_id = i.meter_id AND g.code = 'TOTAL'), m.serial_number
            FROM meter_installation i JOIN device m ON m.id = i.meter_id
            WHERE i.service_point_id = :point AND coalesce(i.valid_to > i.valid_from, true) ORDER BY i.valid_from DESC, i.id DESC LIMIT 1
            """
        row = self.session.execute(text(statement), {"point": self.home.service_point_id}).one()
        return self.home._replace(installation_id=row[0], register_id=row[1], serial=row[2])

    def installations(self) -> list[tuple[Any, ...]]:
        """Return the meters that served the place: number, first day, end."""
        statement = """
            SELECT m.serial_number, i.valid_from, i.valid_to FROM meter_installation i JOIN device m ON m.id = i.meter_id
            WHERE i.service_point_id = :point AND coalesce(i.valid_to > i.valid_from, true) ORDER BY 2, 1
            """
        return [tuple(row) for row in self.session.execute(text(statement), {"point": self.home.service_point_id})]

    def readings(self) -> list[tuple[Any, ...]]:
        """Return the readings that stand: day, number of the meter, register, dial, kind."""
        statement = """
            SELECT r.read_on, m.serial_number, g.code, r.dial_milli / 1000, r.kind FROM reading r
            JOIN meter_installation i ON i.id = r.meter_installation_id JOIN device m ON m.id = i.meter_id
            JOIN register g ON g.id = r.register_id
            WHERE r.account_id = :id AND r.kind <> 'WITHDRAWAL' AND NOT EXISTS (SELECT FROM reading n WHERE n.replaces_id = r.id)
            ORDER BY 1, 2, 3
            """
        return [tuple(row) for row in self.session.execute(text(statement), {"id": self.home.account_id})]

    def bills(self) -> list[tuple[Any, ...]]:
        """Return the bills that stand: month, period, quality, energy, amount."""
        statement = """
            SELECT billing_month, period_from, period_to, quality, quantity_milli / 1000, amount_tiyin FROM bill b
            WHERE account_id = :id AND cancels_id IS NULL
              AND NOT EXISTS (SELECT FROM bill c WHERE c.cancels_id = b.id AND c.billing_month = b.billing_month) ORDER BY 1
            """
        return [tuple(row) for row in self.session.execute(text(statement), {"id": self.home.account_id})]


def provided(fitter: Fitter, *numbers: str) -> int:
    """Give the brigade of a fitter seals; return where it keeps them."""
    session, brigade_id = fitter.session, fitter.brigade_id()
    statement = """
        INSERT INTO stock_place (division_id, kind, name, keeper, brigade_id) VALUES (:division, 'BRIGADE', 'Brigade 1', 'x', :brigade)
        ON CONFLICT (brigade_id) DO UPDATE SET keeper = 'x' RETURNING id
        """
    place = int(session.scalar(text(statement), {"division": fitter.home.division_id, "brigade": brigade_id}) or 0)
    for number in numbers:
        made = Seal(division_id=fitter.home.division_id, seal_kind_id=1, number=number, number_key=number.replace("-", ""))
        session.add(made)
        session.flush()
        kept = SealPlace(stock_place_id=place)
        seals.move(session, [made.id], SealEvent.RECEIVE, on=JAN, today=fitter.today, cause=SealCause(), to=kept)
    return place
