"""The outbox: rows are the truth, the Redis stream is only transport."""
