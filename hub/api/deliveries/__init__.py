"""Notices, deliveries and where people want to be reached."""
