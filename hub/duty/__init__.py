"""Who answers for a grid, and who is there now: posts, shifts, the roster."""
