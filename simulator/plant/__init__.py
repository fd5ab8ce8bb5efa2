"""Physics of the simulated home: house, sun, cars, wires and clamps, without any protocol."""
