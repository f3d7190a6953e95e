"""Versions of the whole set of grids: those that were, the one in force, those planned."""
