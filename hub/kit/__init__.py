"""Small mechanisms every room may use: time, loops, queues, errors, numbers."""
