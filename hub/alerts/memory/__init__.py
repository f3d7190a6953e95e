"""What the rules that the centre runs remember between two records."""
