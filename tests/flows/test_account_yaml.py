"""A supply account as YAML: given, taken, and given back (MTR-7, MTR-10, MTR-30)."""

from typing import Any

from homeassistant.core import HomeAssistant

from .accounts import change, choose, through
from .conftest import add, add_site, only, suggestions

TARIFF: dict[str, Any] = {
    "kind": "combination",
    "prices": [["0.30", "0.20"], [0.12]],
    "standing_per_week": 1.75,
    "thresholds_wh": [500_000, None, None],
    "switches": [
        {"start": "00:30", "rate": 2, "days": ["mon", "sun"]},
        {"start": 450, "rate": 1, "season": "W"},
    ],
}


async def test_everything_as_yaml(hass: HomeAssistant) -> None:
    """MTR-7, MTR-10: what the forms have no fields for can be given and taken."""
    entry = await add_site(hass)
    menu = await add(hass, await add(hass, await through(hass, entry)))
    form = await choose(hass, menu, "yaml")
    settings = {
        "mode": "credit",
        "special_days": [{"day": "2026-12-25T00:00:00.000Z", "rate": 2}],
        "friendly": [{"start": "20:00", "end": "09:00"}, *[None] * 6],
    }
    for tariff, error, line in (
        ("0.30", "line_not_understood", "tariff"),
        (TARIFF | {"price": 1}, "line_unknown", "price"),
        ({"kind": "block"}, "line_missing", "prices"),
        (TARIFF | {"prices": [["cheap"]]}, "line_not_understood", "prices.1.1"),
        (TARIFF | {"prices": [[0.3], [30]]}, "line_range", "prices.2.1"),
        (TARIFF | {"switches": [{"start": "07:00", "rate": 9}]}, "line_range", "switches.1.rate"),
        (TARIFF | {"kind": "time_of_use", "daily": True}, "line_needs_blocks", "daily"),
    ):
        form = await add(hass, form, tariff=tariff, settings=settings)
        assert form["errors"] == {"tariff": error}, tariff
        assert form["description_placeholders"]["line"] == line
    form = await add(hass, form, tariff=TARIFF, settings=settings | {"mpan": "12A"})
    assert form["errors"] == {"settings": "line_digits"}
    menu = await add(hass, form, tariff=TARIFF, settings=settings)
    shown = suggestions(await choose(hass, menu, "yaml"))
    taken = shown["tariff"]
    assert taken["prices"][0] == ["0.30", "0.20", "0.20", "0.20"]
    assert taken["prices"][1:] == [["0.12"] * 4] * 3
    assert taken["switches"][0]["days"] == ["mon", "sun"]
    assert [row["start"] for row in taken["switches"]] == ["00:30", "07:30"]
    assert shown["settings"]["friendly"][0] == {"start": "20:00", "end": "09:00"}
    assert shown["settings"]["special_days"][0]["day"] == "2026-12-25"


async def test_what_was_taken_can_be_given_back(hass: HomeAssistant) -> None:
    """MTR-30: the YAML of one account makes the same account again."""
    entry = await add_site(hass)
    menu = await add(hass, await add(hass, await through(hass, entry)))
    menu = await add(hass, await choose(hass, menu, "yaml"), tariff=TARIFF, settings={})
    await choose(hass, menu, "finish")
    before = only(entry).data
    form = await choose(hass, await change(hass, entry), "yaml")
    await choose(hass, await add(hass, form), "finish")
    after = only(entry).data
    assert after["edited"] != before["edited"]
    assert {**after, "edited": ""} == {**before, "edited": ""}
