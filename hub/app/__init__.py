"""Builds the processes once, starts them in order, stops them in reverse."""
