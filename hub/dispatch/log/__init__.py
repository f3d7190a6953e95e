"""What was said about incidents and tasks, and under which key."""
