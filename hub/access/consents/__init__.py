"""Consents on file: rows and what may be done with them. What they mean stands in `consent.py`."""
