"""Incidents of which nothing is deleted."""
