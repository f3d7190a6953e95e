"""Frozen values that pass between stages, by noun. Nothing here does anything."""
