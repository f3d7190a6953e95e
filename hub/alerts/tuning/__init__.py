"""Rules that fire too often, and what could be changed about them."""
