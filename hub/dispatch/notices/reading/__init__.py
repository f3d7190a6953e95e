"""What was told, read for lists and for one's own bell."""
