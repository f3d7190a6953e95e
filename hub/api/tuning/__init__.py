"""Rules that fire too often."""
