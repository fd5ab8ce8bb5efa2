"""A home to practise on: house, sun, cars and device servers that speak the real protocols."""
