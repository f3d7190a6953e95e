"""Whistles: departments called for an incident, each with a life and a clock of its own."""
