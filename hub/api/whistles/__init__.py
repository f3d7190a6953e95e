"""Departments that are called for incidents, and what they answer."""
