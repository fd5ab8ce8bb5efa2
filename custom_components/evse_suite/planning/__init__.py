"""When to charge: windows, ready-by, prices, sun and boost, as pure functions."""
