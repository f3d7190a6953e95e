"""Sensors and panic buttons: the register and what they report."""
