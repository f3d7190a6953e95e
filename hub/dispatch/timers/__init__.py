"""Clocks as rows: planned with the change that begins a step, fired once, never lost."""
