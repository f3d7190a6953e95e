"""Tokens and the register of looks."""
