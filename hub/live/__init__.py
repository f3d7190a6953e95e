"""Live video: encoded packets from the workers to whoever looks, once per stream and process."""
