"""A charger that dials in, in Home Assistant (LEK-12, LEK-14)."""

import json
from typing import Any

import pytest

from custom_components.evse_suite.central import CENTRAL
from custom_components.evse_suite.const import DOMAIN
from custom_components.evse_suite.diagnostics import async_get_config_entry_diagnostics
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from tests.integration.house import until
from tests.ocpp_home.homes import (
    CHARGER,
    NAME,
    PASSWORD,
    THREE_PHASES,
    OcppHouse,
    free_port,
    ocpp_house,
)


async def answer(house: OcppHouse, action: str, **data: Any) -> Any:
    """Call an action on the charger and return what it answers."""
    told = await house.hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": house.device_id(CHARGER), **data},
        blocking=True,
        return_response=True,
    )
    assert told is not None
    return told[CHARGER]


async def tell(house: OcppHouse, action: str, **data: Any) -> None:
    """Call an action on the charger."""
    data["device_id"] = house.device_id(CHARGER)
    await house.hass.services.async_call(DOMAIN, action, data, blocking=True)


async def test_a_discovered_charger_is_accepted_charges_and_yields(hass: HomeAssistant) -> None:
    """LEK-14, SITE-4: from dialling in to an oven that takes the room; then it is removed."""
    async with ocpp_house(hass) as house:
        await until(house.flows, "a discovered charger")
        assert not house.point.accepted, "it waits until somebody accepts it"
        assert house.point.profiles.writes == 0
        assert house.point.settings.writes == 0
        (flow,) = house.flows()
        assert flow["context"]["title_placeholders"]["name"] == "Simulated Wallbox 22 CP-1"
        await house.accept()

        await house.becomes("sensor", "status", "available", CHARGER)
        await house.charge()
        await until(lambda: house.car.current_a > 30, "the full current")
        assert house.point.profiles.writes == 1, "only what lies under it is in flash"
        house.use_oven(6000)
        await until(lambda: house.car.current_a < 14, "the charger yields")
        assert house.shows("sensor", "ocpp_strategy_in_use", "tx_profile", CHARGER)
        device = house.registered(CHARGER)
        assert (device.model, device.sw_version) == ("Simulated Wallbox 22", "1.2.3")
        assert device.configuration_url is None

        (charger,) = [it for it in house.entry.subentries.values() if it.title == CHARGER]
        hass.config_entries.async_remove_subentry(house.entry, charger.subentry_id)
        await hass.async_block_till_done()
        await until(lambda: house.car.current_a < 6.5, "it is left at its safe current")


async def test_permission_tags_and_the_workshop(hass: HomeAssistant) -> None:
    """LEK-12: a switch, tags learnt from taps, and everything else that OCPP can do."""
    async with ocpp_house(hass) as house:
        await house.accept()
        await house.becomes("switch", "plug_and_charge", "on", CHARGER)
        await house.call("switch", "turn_off", house.entity("switch", "plug_and_charge", CHARGER))
        house.car.plug()
        await house.becomes("sensor", "status", "need_auth", CHARGER)

        house.point.tap("04A1B2")
        await house.becomes("sensor", "unknown_tag", "04A1B2", CHARGER)
        await tell(house, "ocpp_allow_tag", name="Ann")
        await house.becomes("sensor", "rfid_tags", "1", CHARGER)
        await tell(house, "authorise", tag="04A1B2")
        await house.becomes("sensor", "status", "charging", CHARGER)
        state = await answer(house, "ocpp_get_state")
        assert state["tags"] == {"04A1B2": "Ann"}
        assert state["connected"]
        await tell(house, "stop_charging")
        await house.becomes("sensor", "status", "paused", CHARGER)
        await tell(house, "ocpp_forget_tag", tag="04a1b2")
        await house.becomes("sensor", "rfid_tags", "0", CHARGER)
        with pytest.raises(ServiceValidationError, match="not on the list"):
            await tell(house, "ocpp_forget_tag", tag="04a1b2")

        found = await answer(house, "ocpp_get_configuration", keys=["LightIntensity"])
        assert found == {"LightIntensity": {"value": "60", "read_only": False}}
        told = await answer(house, "ocpp_set_configuration", key="LightIntensity", value="30")
        assert told == {"needs_restart": False}
        with pytest.raises(ServiceValidationError, match="can only be read"):
            await tell(house, "ocpp_set_configuration", key="NumberOfConnectors", value="2")
        with pytest.raises(HomeAssistantError, match="NotSupported"):
            await tell(house, "ocpp_set_configuration", key="Nonsense", value="2")
        await tell(house, "ocpp_unlock")
        await house.call("button", "press", house.entity("button", "unlock_connector", CHARGER))
        await tell(house, "ocpp_trigger_message", message="StatusNotification")
        told = await answer(house, "ocpp_upload_diagnostics", location="ftp://192.0.2.1/")
        assert told == {"file_name": "diagnostics.log"}
        await tell(house, "ocpp_reset", hard=True)
        await until(lambda: not house.point.accepted, "the restart")


async def test_a_charger_that_ignores_its_profile_is_found_out(hass: HomeAssistant) -> None:
    """LEK-14: the next way is taken, and it is said."""
    quirks = {"ignores": ["TxProfile"]}
    async with ocpp_house(hass, {"quirks": quirks}) as house:
        await house.accept()
        await house.charge()
        await house.becomes("sensor", "ocpp_strategy_in_use", "tx_default_profile", CHARGER)
        assert "not" in house.state("sensor", "ocpp_strategy_note", CHARGER).state

        option = {"option": "charge_point_max_profile"}
        select = house.entity("select", "ocpp_strategy", CHARGER)
        await house.call("select", "select_option", select, **option)
        await house.becomes("sensor", "ocpp_strategy_in_use", option["option"], CHARGER)


async def test_silence_is_danger_on_a_line_that_dials_in(hass: HomeAssistant) -> None:
    """SITE-5: unavailable, and back by itself."""
    async with ocpp_house(hass) as house:
        await house.accept()
        await house.charge()
        house.point.inject({"silent": True})
        await house.becomes("sensor", "status", "unavailable", CHARGER)
        house.point.inject({"silent": False})
        await house.becomes("sensor", "status", "charging", CHARGER)


async def test_a_restart_of_the_site_keeps_line_and_session(hass: HomeAssistant) -> None:
    """LEK-14: nobody is hung up on when a site is reloaded."""
    async with ocpp_house(hass) as house:
        await house.accept()
        await house.charge()
        station = hass.data[CENTRAL].stations.station(NAME)
        before = (station.ledger.current, station.counters.connections)
        assert await hass.config_entries.async_reload(house.entry.entry_id)
        await house.becomes("sensor", "status", "charging", CHARGER)
        assert (station.ledger.current, station.counters.connections) == before


async def test_a_port_that_is_taken_is_told(hass: HomeAssistant) -> None:
    """LEK-14."""
    async with ocpp_house(hass) as house:
        (server,) = [it for it in house.entry.subentries.values() if it.title == "OCPP"]
        taken = int(house.em.host_port.rpartition(":")[2])
        hass.config_entries.async_update_subentry(
            house.entry, server, data={**server.data, "port": taken}
        )
        await hass.async_block_till_done()
        assert hass.data[CENTRAL].error is not None
        await until(
            lambda: any(
                issue.translation_key == "ocpp_server"
                for issue in ir.async_get(hass).issues.values()
            ),
            "the repair",
        )


async def test_the_server_is_set_up_in_the_user_interface(hass: HomeAssistant) -> None:
    """LEK-14: one for all sites; without a password only after a warning."""
    async with ocpp_house(hass) as house:
        (server,) = [it for it in house.entry.subentries.values() if it.title == "OCPP"]
        hass.config_entries.async_remove_subentry(house.entry, server.subentry_id)
        await hass.async_block_till_done()
        assert hass.data[CENTRAL].system.port is None

        manager = hass.config_entries.subentries
        whom = (house.entry.entry_id, "server")
        form = await manager.async_init(whom, context={"source": SOURCE_USER})
        schema = form["data_schema"]
        assert schema is not None
        suggested = {
            str(key): key.description["suggested_value"] for key in schema.schema if key.description
        }
        assert suggested["security"] == "basic"
        assert len(suggested["password"]) >= 12

        wrong = {"port": server.data["port"], "security": "basic"}
        for change, errors in (
            ({}, {"password": "password_missing"}),
            ({"password": "short"}, {"password": "password_length"}),
            ({"password": "grüße, welt"}, {"password": "password_characters"}),
            (
                {"security": "tls", "password": "correct horse"},
                {"certificate": "certificate_unusable"},
            ),
        ):
            form = await manager.async_configure(form["flow_id"], wrong | change)
            assert form["errors"] == errors
        form = await manager.async_configure(form["flow_id"], wrong | {"security": "none"})
        assert form["step_id"] == "unprotected"
        assert hass.data[CENTRAL].system.port is None
        done = await manager.async_configure(form["flow_id"], {})
        assert done["type"] == "create_entry"
        await hass.async_block_till_done()
        assert hass.data[CENTRAL].system.port == server.data["port"]

        again = await manager.async_init(whom, context={"source": SOURCE_USER})
        assert again["reason"] == "already_configured"
        await house.accept()

        (server,) = [it for it in house.entry.subentries.values() if it.title == "OCPP"]
        form = await house.entry.start_subentry_reconfigure_flow(hass, server.subentry_id)
        port = free_port()
        changed = {"port": port, "security": "basic", "password": PASSWORD}
        done = await manager.async_configure(form["flow_id"], changed)
        assert done["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert hass.data[CENTRAL].system.port == port
        house.point.dial(port)
        await house.becomes("sensor", "status", "available", CHARGER)
        assert dr.async_get(hass).async_get_device_by_identifier(
            (DOMAIN, f"ocpp_{NAME}"), house.entry.entry_id
        )


async def test_who_may_charge_is_for_administrators(hass: HomeAssistant) -> None:
    """LEK-12: nobody gives himself permission, or has the charger dial somebody else."""
    async with ocpp_house(hass) as house:
        await house.accept()
        await house.becomes("sensor", "status", "available", CHARGER)
        device = {"device_id": house.device_id(CHARGER)}
        await hass.auth.async_create_user("owner")
        guest = Context(user_id=(await hass.auth.async_create_user("guest")).id)
        for action, data in (
            ("ocpp_allow_tag", {"tag": "04A1B2"}),
            ("ocpp_set_configuration", {"key": "LightIntensity", "value": "1"}),
            ("ocpp_upload_diagnostics", {"location": "ftp://192.0.2.1/"}),
        ):
            with pytest.raises(Unauthorized):
                await hass.services.async_call(
                    DOMAIN, action, device | data, blocking=True, context=guest
                )
        await hass.services.async_call(
            DOMAIN,
            "ocpp_trigger_message",
            device | {"message": "StatusNotification"},
            blocking=True,
            context=guest,
        )
        assert house.shows("sensor", "rfid_tags", "0", CHARGER)


async def test_diagnostics_tell_what_went_wrong_and_no_names(hass: HomeAssistant) -> None:
    """LEK-14: the line, the method of control and the counters; no password, no tag."""
    async with ocpp_house(hass) as house:
        await house.accept()
        await house.becomes("sensor", "status", "available", CHARGER)
        await tell(house, "ocpp_allow_tag", tag="04A1B2", name="Ann")
        long_tag = "04A1B2C3D4E5F60718293A"
        line = hass.data[CENTRAL].stations.station(NAME).line()
        await line.received(json.dumps([2, "x", "Authorize", {"idTag": long_tag}]))
        state = await answer(house, "ocpp_get_state")
        assert long_tag in state["counters"]["last_violation"]
        found = await async_get_config_entry_diagnostics(hass, house.entry)
        text = json.dumps(found)
        assert found["ocpp_server"]["charge_points"] == 1
        assert found["ocpp_server"]["refused"]["wrong_login"] == 0
        (charger,) = [it["ocpp"] for it in found["devices"].values() if it["ocpp"]]
        assert charger["strategy_in_use"] == "tx_profile"
        assert charger["counters"]["malformed"] == 0
        for secret in (PASSWORD, NAME, "04A1B2", "Ann"):
            assert secret not in text, secret


async def test_a_charger_is_wired_on_the_phases_that_were_chosen(hass: HomeAssistant) -> None:
    """SITE-2: a charge point does not tell on how many lines it charges; its owner does."""
    async with ocpp_house(hass, layout=THREE_PHASES) as house:
        await house.accept(line_1="l2", line_2="l3", line_3="none")
        (charger,) = [it for it in house.entry.subentries.values() if it.title == CHARGER]
        assert (charger.data["lines"], charger.data["phases"]) == (2, ["l2", "l3"])
        await house.becomes("sensor", "status", "available", CHARGER)

        form = await house.entry.start_subentry_reconfigure_flow(hass, charger.subentry_id)
        assert form["step_id"] == "settings", "there is no address to change"
        answers = {
            "name": CHARGER,
            "maximum_a": 32,
            "safe_a": 6,
            "priority": 0,
            "line_1": "l2",
            "line_2": "l3",
            "line_3": "l1",
            "switches_lines": True,
        }
        done = await hass.config_entries.subentries.async_configure(form["flow_id"], answers)
        assert done["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        charger = house.entry.subentries[charger.subentry_id]
        assert (charger.data["lines"], charger.data["model_id"]) == (3, "1.6J 1p3p")
        await house.charge()
        await until(lambda: max(house.car.current_a, 0) > 15, "it charges")
        link = house.site.chargers[charger.subentry_id]
        await until(lambda: link.reading and min(link.reading.current_a) > 15, "three lines")
