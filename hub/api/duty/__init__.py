"""Who is on duty: posts, shifts, the roster, leave, and sheets of people and turns."""
