"""Classes of events."""
