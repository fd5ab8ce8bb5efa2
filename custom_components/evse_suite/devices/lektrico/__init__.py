"""Lektrico chargers 1P7K and 3P22K and meters EM and 3EM, over their local HTTP interface."""
