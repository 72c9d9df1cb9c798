"""Commands of ``flask --app run tariff``: what a quantity costs."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import click
from flask.cli import AppGroup

from app import clock, labels
from app.domain import readers
from app.domain.billing.explanation import explain
from app.extensions import HOST, Scope, db, set_scope
from app.services.billing import calculator
from app.services.billing.calculator import Calculation, CalculatorRequest

group = AppGroup("tariff", help="Tariffs.")


@group.command("price")
@click.option("--resource", required=True, help="Code of the resource: ELECTRICITY.")
@click.option("--group", "tariff_group", required=True, help="Code of the tariff group: HOUSEHOLD.")
@click.option("--quantity", required=True, help="Quantity in the resource's unit: 310.5.")
@click.option("--on", help="A day of the month, or the first of the days: 2026-10-01; today without it.")
@click.option("--days", type=int, help="So many days from then on; the whole month without it.")
@click.option("--families", type=int, default=1, show_default=True, help="Registered families that share the account.")
@click.option("--benefit", default="", help="Code of a benefit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def price(
    *, resource: str, tariff_group: str, quantity: str, on: str | None, days: int | None, families: int, benefit: str, as_json: bool
) -> None:
    """Price a quantity as a bill would, with how it comes about."""
    set_scope(Scope(actor="operator", today=clock.today(), address=HOST, everywhere=True))
    wanted = CalculatorRequest(resource, tariff_group, _milli(quantity), _day(on), days, families, benefit)
    found = _calculated(wanted)
    told = [labels.sentence(each, found.offer.unit) for each in explain(found.lines, [])]
    if as_json:
        click.echo(json.dumps(_object(wanted, found, told), ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(told).replace("\u00a0", " "))


def _calculated(wanted: CalculatorRequest) -> Calculation:
    try:
        return calculator.calculate(db.session(), wanted)
    except calculator.UnknownTariff as there_are:
        raise click.ClickException(f"No such tariff is in force on {wanted.on}. There are: {there_are}.") from None
    except calculator.UnknownBenefit as there_are:
        raise click.ClickException(f"There is no such benefit. There are: {there_are}.") from None
    except calculator.CalculatorOutOfRange:
        raise click.ClickException(
            f"The quantity is from 0 to 10^12, days from 1 to {calculator.MOST_DAYS}, families from 1 to {calculator.MOST_FAMILIES}."
        ) from None
    except calculator.NoPrice:
        raise click.ClickException("The tariff has no price for some of it, or the amount is beyond 10^13 soʻm.") from None


def _object(wanted: CalculatorRequest, found: Calculation, told: list[str]) -> dict[str, Any]:
    return {
        "resource": wanted.resource, "group": wanted.tariff_group, "unit": found.offer.unit,
        "period_from": found.period_from.isoformat(), "period_to": found.period_to.isoformat(),
        "quantity_milli": wanted.quantity_milli, "amount_tiyin": found.amount_tiyin, "vat_tiyin": found.vat_tiyin,
        "amount": f"{Decimal(found.amount_tiyin) / 100:.2f}", "vat": f"{Decimal(found.vat_tiyin) / 100:.2f}",
        "lines": [
            {name: getattr(line, name) for name in (
                "period_from", "period_to", "component", "zone", "block_no", "lower_milli", "upper_milli", "quantity_milli", "rate",
                "amount_tiyin", "vat_tiyin", "source")}
            for line in found.lines
        ],
        "explanation": told,
    }  # fmt: skip


def _milli(written: str) -> int:
    try:
        return readers.quantity(written)
    except readers.Misread:
        raise click.BadParameter(f"{written} is no quantity; write it like 310.5.") from None


def _day(written: str | None) -> date:
    try:
        return clock.today() if written is None else readers.day(written)
    except readers.Misread:
        raise click.BadParameter(f"{written} is no day; write it like 2026-10-01.") from None
