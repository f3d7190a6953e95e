"""Supervisions, as pages ask for them."""
