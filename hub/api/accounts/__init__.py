"""People log in, change their passwords, and are registered by an administrator."""
