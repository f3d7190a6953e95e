"""Incidents and tasks."""
