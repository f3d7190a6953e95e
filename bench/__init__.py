"""Measurements of the whole hub: what it costs, how it ages, what it survives."""
