"""A file for each camera: why it is there and by whose leave."""
