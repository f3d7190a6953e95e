"""Xueliang hub: from a camera or an alarm sensor to a closed case."""

__version__ = "0.1.0"
