"""Alerts and mutes."""
