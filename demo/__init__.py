"""A simulated home under a real Home Assistant, to look at, to check and to test with a browser."""
