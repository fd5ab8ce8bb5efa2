"""Home files: the shipped ones are right, and every mistake is named with its place."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import voluptuous as vol

from simulator.__main__ import HOMES
from simulator.build import build_home
from simulator.checks import sentence
from simulator.plant.wires import Phase
from simulator.schema import ConfigError, parse_home, read_home

GOOD: dict[str, Any] = {
    "supply": {"kind": "three", "fuse_a": 25},
    "house": {"base_w": 200, "appliances": {"kettle": None, "boiler": {"kind": "load"}}},
    "sun": {"kwp": 6, "phases": ["L1", "L2"]},
    "cars": {"leaf": {"type": "slow", "minimum_a": 7}},
    "chargers": {
        "garage": {
            "device": "lektrico_3p22k",
            "serial": 600001,
            "phases": ["L2", "L3", "L1"],
            "car": "leaf",
            "options": {"user_current": 20},
        }
    },
    "meters": {
        "mains": {
            "device": "lektrico_3em",
            "serial": 1,
            "port": 8001,
            "channels": [{"phase": "L1", "gain": 0.9}, {"phase": "L2"}, {"phase": "L3"}],
            "balances": ["garage"],
        }
    },
}
SHELLY = {"device": "shelly_em", "serial": "A4CF12B9F355", "channels": [{}, {"place": "sun"}]}


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the good home with one value set; ``path`` is separated by dots."""
    home = deepcopy(GOOD)
    node: Any = home
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in parents:
        node = node[part]
    node[last] = value
    return home


def test_a_good_home_means_what_it_says() -> None:
    home = parse_home(deepcopy(GOOD))
    assert home.supply.fuse_a == 25
    assert home.house.appliances["boiler"].kind == "load"
    assert home.house.appliances["kettle"].kind == "kettle"
    assert home.cars["leaf"].kind.start_s == 20
    assert home.cars["leaf"].kind.minimum_a == 7
    assert home.chargers["garage"].lines == ((Phase.L2,), (Phase.L3,), (Phase.L1,))
    assert home.meters["mains"].channels[0].errors.gain == 0.9
    assert home.meters["mains"].balances == ("garage",)


@pytest.mark.parametrize("path", sorted(HOMES.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_homes_are_right(path: Path) -> None:
    config = read_home(path)
    simulation = build_home(config)
    for n in range(50):
        simulation.step(n * 0.1, 0.1)
    assert set(simulation.devices) == {*config.chargers, *config.meters}
    assert all(abs(amps) < 60 for amps in simulation.home.mains_a().values())


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("supply.kind", "two", "supply → kind: expected one of single, split, three, not 'two'"),
        ("supply.fuse_a", "25", "supply → fuse_a: expected a number, not '25'"),
        ("supply.fuse", 25, "supply → fuse: there is no such key here"),
        ("fuse_a", 25, "fuse_a: there is no such key here"),
        ("sun.cover", 1.5, "sun → cover: expected a number from 0 to 1, not 1.5"),
        ("sun.phases", ["L1", "L1"], "sun → phases: L1 stands there twice"),
        ("clock", {"start": "25:00"}, "clock → start: expected a time like \"06:30\", not '25:00'"),
        ("house.appliances.sauna", None, "house → appliances → sauna → kind: expected one of"),
        ("house.trace", ["a.csv"], "house: a trace takes the place of base_w and habits"),
        ("cars.leaf.type", "quick", "cars → leaf → type: expected one of fast, typical"),
        ("cars.leaf.soc", 50, "cars → leaf → soc: there is no such key here"),
        ("cars.leaf.obeys", 1, "cars → leaf → obeys: expected true or false, not 1"),
        ("cars.Leaf", {}, "cars → Leaf: "),
        ("cars.kona", {}, "cars → kona: stands at 0 chargers instead of 1"),
        ("chargers.garage.car", "zoe", "chargers → garage → car: there is no car zoe"),
        ("chargers.garage.phases", ["L1"], "chargers → garage → phases: lektrico_3p22k needs a"),
        ("chargers.garage.serial", "x", "chargers → garage → serial: expected a whole number"),
        ("chargers.garage.host", "0.0.0.0", "chargers → garage → host: expected an address of"),  # noqa: S104
        ("chargers.garage.port", 70000, "chargers → garage → port: expected a whole number from"),
        ("chargers.garage.port", 8001, "meters → mains → port: garage listens there too"),
        (
            "chargers.garage.options.colour",
            "red",
            "chargers → garage → options → colour: there is no such key here",
        ),
        ("chargers.mains", GOOD["chargers"]["garage"] | {"car": None}, "chargers → mains"),
        ("meters.mains.channels", [{}], "meters → mains → channels: lektrico_3em has 2 or 3"),
        ("meters.mains.channels.0.place", "attic", "meters → mains → channels: attic is neither"),
        (
            "meters.mains.channels.1.clamp",
            1,
            "meters → mains → channels → 1 → clamp: there is no such key here",
        ),
        ("meters.mains.balances", ["left"], "meters → mains → balances: there is no charger left"),
        ("meters.roof", SHELLY | {"balances": ["garage"]}, "meters → roof → balances: shelly_em"),
        ("meters.roof", SHELLY | {"serial": "A4CF"}, "meters → roof → serial: expected a MAC"),
    ],
)
def test_mistakes_are_named(path: str, value: object, complaint: str) -> None:
    with pytest.raises(vol.Invalid) as caught:
        parse_home(changed(path, value))
    assert sentence(caught.value).startswith(complaint)


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("sun.phases", ["L3"], "sun → phases: a single supply has no L3"),
        ("house.appliances.kettle", {"phases": ["L2"]}, "house → appliances → kettle → phases"),
        ("meters.mains.channels.0.voltage_phase", "L2", "meters → mains → channels: a single"),
    ],
)
def test_phases_that_the_supply_does_not_have(path: str, value: object, complaint: str) -> None:
    home = {
        "supply": {"kind": "single"},
        "sun": {"kwp": 6},
        "house": {"appliances": {"kettle": None}},
        "meters": {"mains": {"device": "lektrico_em", "serial": 1, "channels": [{}]}},
    }
    node: Any = home
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    for part in parents:
        node = node[part]
    node[last] = value
    with pytest.raises(vol.Invalid) as caught:
        parse_home(home)
    assert sentence(caught.value).startswith(complaint)


def test_a_clamp_on_a_charger_is_on_one_of_its_phases() -> None:
    home = deepcopy(GOOD)
    home["chargers"]["garage"] |= {"device": "lektrico_1p7k", "phases": ["L2"]}
    home["meters"]["mains"]["channels"][0] = {"place": "garage", "phase": "L1"}
    with pytest.raises(vol.Invalid, match="garage has no line on L1"):
        parse_home(home)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("supply: {kind: single}\nsupply: {kind: three}\n", "'supply' stands there twice"),
        ("supply: {kind: single\n", "expected"),
        ("", "expected keys with values"),
        ("supply: [single]", "supply: expected keys with values"),
    ],
)
def test_files_that_are_not_homes(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "home.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_home(path)
    assert complaint in str(caught.value)
    assert "home.yaml" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        read_home(tmp_path / "nowhere.yaml")
