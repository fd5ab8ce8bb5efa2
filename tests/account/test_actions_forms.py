"""The forms of an account that runs: they show it as it is, and what they change holds (MTR-30)."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

from custom_components.evse_suite.billing.model import Mode, SpecialDay
from custom_components.evse_suite.const import DOMAIN
from tests.account.scene import KEY, Home

type Result = dict[str, Any]


async def menu(home: Home) -> Result:
    """Open the menu of the account."""
    return cast("Result", await home.entry.start_subentry_reconfigure_flow(home.hass, KEY))


async def go(home: Home, result: Result, **typed: Any) -> Result:
    """Choose from a menu, or fill in a form."""
    flows = home.hass.config_entries.subentries
    return cast("Result", await flows.async_configure(result["flow_id"], typed))


def suggestions(form: Result) -> dict[str, Any]:
    """Return what stands in a form."""
    keys = form["data_schema"].schema
    return {
        key.schema: key.description["suggested_value"]
        for key in keys
        if key.description and "suggested_value" in key.description
    }


async def test_a_form_after_actions(home: Home) -> None:
    """MTR-3, MTR-8, MTR-30: the newest of form and action holds, also after a restart."""
    tariff = {"prices": [["0.35"], ["0.12"]], "switches": [{"start": "07:30", "rate": 2}]}
    days = [{"day": "2026-12-25", "rate": 2}]
    actions: dict[str, dict[str, Any]] = {
        "set_tariff": {"tariff": tariff},
        "set_special_days": {"days": days},
        "add_payment": {"amount": 5},
    }
    for action, said in actions.items():
        await home.hass.services.async_call(DOMAIN, action, said, blocking=True)
    await home.ledger.async_set_mode(Mode.CREDIT)

    form = await go(home, await menu(home), next_step_id="terms")
    shown = suggestions(form)
    assert shown["mode"] == "credit"
    # Its money is changed by payments and actions, never by a form.
    assert "balance" not in {str(key) for key in form["data_schema"].schema}
    overview = await go(home, form, **shown | {"mode": "prepayment", "load_limit_kw": 3})
    form = await go(home, overview, next_step_id="switching")
    shown = suggestions(form)
    assert [row["start"] for row in shown["switches"]] == ["07:30"]
    assert [row["day"] for row in shown["special_days"]] == ["2026-12-25"]
    overview = await go(home, form, **shown)
    form = await go(home, overview, next_step_id="tariff")
    form = await go(home, form, **suggestions(form) | {"standing_per_week": 2.1})
    assert suggestions(form)["ppu_2"] == 0.12
    overview = await go(home, form, **suggestions(form) | {"ppu_2": 0.14})
    result = await go(home, overview, next_step_id="finish")
    assert result["reason"] == "reconfigure_successful"
    await home.settle()

    def holds() -> None:
        book = home.account.book
        assert home.net == 15
        assert book.config.mode is Mode.PREPAYMENT
        assert book.config.load_limit_w == 3000
        assert book.config.special_days == (SpecialDay(day=date(2026, 12, 25), rate=2),)
        assert book.tariff.prices[0][0] == Decimal("0.35")
        assert book.tariff.prices[1][0] == Decimal("0.14")
        assert book.tariff.standing_per_week == Decimal("2.1")

    holds()
    await home.restart()
    holds()
    # Whoever sets it back by an action after the form is not overruled by the form.
    await home.hass.services.async_call(DOMAIN, "set_tariff", {"tariff": tariff}, blocking=True)
    await home.restart()
    assert home.account.book.tariff.prices[1][0] == Decimal("0.12")
