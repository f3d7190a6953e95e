"""Tokens, the register of looks, and who I am."""
