"""Owners of cameras and what they have agreed to."""
