"""How far the logs are sealed."""
