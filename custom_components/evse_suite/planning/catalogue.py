"""Electric cars that are widely driven, so that nobody has to look up their figures (IND-3).

Rounded figures of common knowledge, meant as a beginning: everything can be changed in the form.
Another battery or model year is another car where its capacity differs.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueCar:
    """One car with one battery."""

    make: str
    model: str
    capacity_kwh: float
    """Usable, not gross."""
    consumption_wh_per_km: float
    """In mixed driving over the year."""
    lines: int
    """On which its charger takes alternating current."""
    power_kw: float
    """The most that its charger takes."""

    @property
    def key(self) -> str:
        """What it is stored and chosen by."""
        return f"{self.make} {self.model}"


ROWS: Final = """
Audi|A6 e-tron performance|94.9|172|3|11
Audi|e-tron 50 quattro|64.7|231|3|11
Audi|e-tron 55 quattro|86.5|237|3|11
Audi|e-tron GT quattro|83.7|213|3|11
Audi|Q4 e-tron 35|52|185|3|7.2
Audi|Q4 e-tron 40|76.6|189|3|11
Audi|Q4 e-tron 45|77|187|3|11
Audi|Q6 e-tron quattro|94.9|195|3|11
Audi|Q8 e-tron 55 quattro|106|237|3|11
BMW|i3 60 Ah|18.8|160|1|7.4
BMW|i3 94 Ah|27.2|164|3|11
BMW|i3 120 Ah|37.9|165|3|11
BMW|i4 eDrive35|67.1|168|3|11
BMW|i4 eDrive40|80.7|165|3|11
BMW|i5 eDrive40|81.2|176|3|11
BMW|i7 xDrive60|101.7|207|3|11
BMW|iX xDrive40|71|211|3|11
BMW|iX xDrive50|105.2|212|3|11
BMW|iX1 eDrive20|64.7|175|3|11
BMW|iX1 xDrive30|64.7|183|3|11
BMW|iX3|74|188|3|11
BMW|330e plug-in hybrid|10.3|200|1|3.7
BYD|Atto 3|60.5|184|3|11
BYD|Dolphin 60.4 kWh|60.4|172|3|11
BYD|Seal 82.5 kWh|82.5|172|3|11
Chevrolet|Bolt EV|65|175|1|11
Citroën|ë-C3|43.7|166|1|7.4
Citroën|ë-C4|46.3|170|3|11
Cupra|Born 58 kWh|58|166|3|11
Cupra|Born 77 kWh|77|171|3|11
Dacia|Spring|25|150|1|6.6
DS|3 Crossback E-Tense|45|175|3|11
Fiat|500e 24 kWh|21.3|155|3|11
Fiat|500e 42 kWh|37.3|161|3|11
Fiat|600e|50.8|170|3|11
Ford|Explorer extended range RWD|77|172|3|11
Ford|F-150 Lightning extended range|131|300|1|19.2
Ford|F-150 Lightning standard range|98|300|1|11.3
Ford|Mustang Mach-E standard range|70|185|3|11
Ford|Mustang Mach-E extended range|91|192|3|11
Genesis|GV60|74|188|3|11
Honda|e|28.5|170|1|6.6
Hyundai|Inster long range|46|151|3|11
Hyundai|Ioniq 28 kWh|28|144|1|6.6
Hyundai|Ioniq 38 kWh|38.3|153|1|7.2
Hyundai|Ioniq 5 58 kWh|54|175|3|11
Hyundai|Ioniq 5 77 kWh|74|182|3|11
Hyundai|Ioniq 6 long range RWD|74|151|3|11
Hyundai|Kona Electric 39 kWh|39.2|157|3|11
Hyundai|Kona Electric 64 kWh|64|162|3|11
Hyundai|Kona Electric 65 kWh|65.4|168|3|11
Jaguar|I-Pace|84.7|223|3|11
Jeep|Avenger Electric|50.8|169|3|11
Kia|EV3 long range|78|169|3|11
Kia|EV6 long range|74|178|3|11
Kia|EV9|96|228|3|11
Kia|Niro EV|64.8|173|3|11
Kia|e-Niro 39 kWh|39.2|168|1|7.2
Kia|e-Niro 64 kWh|64|171|3|11
Kia|Soul EV 64 kWh|64|175|1|7.2
Lexus|UX 300e|50|192|1|6.6
Lucid|Air Touring|88|165|1|19.2
Mazda|MX-30|30|178|3|11
Mercedes-Benz|EQA 250|66.5|178|3|11
Mercedes-Benz|EQB 300|66.5|190|3|11
Mercedes-Benz|EQC 400|80|216|3|11
Mercedes-Benz|EQE 350|90.6|174|3|11
Mercedes-Benz|EQS 450+|107.8|171|3|11
Mercedes-Benz|EQV 300 long|90|281|3|11
MG|MG4 standard range|50.8|164|3|6.6
MG|MG4 long range|61.7|168|3|11
MG|MG5 long range|57|175|3|11
MG|ZS EV standard range|49|176|1|6.6
MG|ZS EV long range|68.3|182|3|11
Mini|Cooper E|36.6|152|3|11
Mini|Cooper SE 28.9 kWh|28.9|156|3|11
Mitsubishi|Outlander plug-in hybrid 12 kWh|10|220|1|3.7
Mitsubishi|Outlander plug-in hybrid 20 kWh|17|230|1|3.7
Nissan|Ariya 63 kWh|63|189|1|7.4
Nissan|Ariya 87 kWh|87|193|3|22
Nissan|Leaf 24 kWh|22|163|1|6.6
Nissan|Leaf 30 kWh|28|165|1|6.6
Nissan|Leaf 40 kWh|39|166|1|6.6
Nissan|Leaf e+ 62 kWh|59|175|1|6.6
Opel|Astra Electric|50.8|157|3|11
Opel|Corsa-e|46.3|165|3|11
Opel|Mokka-e|46.3|178|3|11
Peugeot|e-208 50 kWh|46.3|164|3|11
Peugeot|e-208 51 kWh|48.1|157|3|11
Peugeot|e-2008|46.3|180|3|11
Peugeot|e-3008 73 kWh|73|178|3|11
Polestar|2 standard range|67|173|3|11
Polestar|2 long range single motor|79|171|3|11
Polestar|3 long range|107|215|3|11
Polestar|4 long range single motor|94|184|3|11
Porsche|Macan 4|95|195|3|11
Porsche|Taycan|71|190|3|11
Porsche|Taycan performance battery plus|83.7|195|3|11
Renault|5 E-Tech 40 kWh|40|155|3|11
Renault|5 E-Tech 52 kWh|52|159|3|11
Renault|Kangoo E-Tech|45|207|3|11
Renault|Megane E-Tech EV60|60|166|3|22
Renault|Scenic E-Tech 87 kWh|87|175|3|22
Renault|Twingo Electric|21.3|163|3|22
Renault|Zoe Q90 41 kWh|41|165|3|22
Renault|Zoe ZE50|52|165|3|22
Rivian|R1T large pack|131|290|1|11.5
Škoda|Elroq 85|77|171|3|11
Škoda|Enyaq 60|58|174|3|11
Škoda|Enyaq 80|77|178|3|11
Škoda|Enyaq 85|77|174|3|11
Smart|#1 Pro+|62|179|3|22
Smart|EQ fortwo|16.7|167|1|4.6
Subaru|Solterra|64|197|1|6.6
Tesla|Model 3 rear-wheel drive|57.5|142|3|11
Tesla|Model 3 long range|75|147|3|11
Tesla|Model 3 performance|75|162|3|11
Tesla|Model S long range|95|175|3|11
Tesla|Model X long range|95|205|3|11
Tesla|Model Y rear-wheel drive|57.5|161|3|11
Tesla|Model Y long range|75|168|3|11
Toyota|bZ4X|64|193|3|11
Toyota|Prius plug-in hybrid 4.4 kWh|4.4|130|1|3.7
Toyota|Prius plug-in hybrid 13.6 kWh|10.9|125|1|3.5
Volkswagen|e-Golf 35.8 kWh|32|168|1|7.2
Volkswagen|e-up! 32.3 kWh|32.3|158|1|7.2
Volkswagen|ID. Buzz Pro|77|222|3|11
Volkswagen|ID.3 Pure|45|166|3|7.2
Volkswagen|ID.3 Pro|58|166|3|11
Volkswagen|ID.3 Pro S|77|168|3|11
Volkswagen|ID.4 Pure|52|181|3|7.2
Volkswagen|ID.4 Pro|77|182|3|11
Volkswagen|ID.5 Pro|77|176|3|11
Volkswagen|ID.7 Pro|77|163|3|11
Volvo|EX30 single motor|49|171|3|11
Volvo|EX30 extended range|64|173|3|11
Volvo|EX90|107|220|3|11
Volvo|XC40 Recharge single motor|66|188|3|11
Volvo|XC40 Recharge twin motor|75|195|3|11
Volvo|XC60 plug-in hybrid|14.7|230|1|3.7
Volvo|XC90 plug-in hybrid|14.7|250|1|3.7
Xpeng|G6 long range|87.5|183|3|11
"""
"""Make, model, usable kWh, Wh per km, lines and kW of the charger on board."""


def _read(row: str) -> CatalogueCar:
    make, model, capacity, consumption, lines, power = row.split("|")
    return CatalogueCar(
        make=make,
        model=model,
        capacity_kwh=float(capacity),
        consumption_wh_per_km=float(consumption),
        lines=int(lines),
        power_kw=float(power),
    )


CATALOGUE: Final = {car.key: car for car in map(_read, ROWS.split("\n")[1:-1])}
"""All cars, by their keys."""
