"""Evidence that leaves the house, by two people."""
