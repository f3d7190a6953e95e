"""Roll calls."""
