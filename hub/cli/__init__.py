"""The commands of `hub`, one group a file: `register(commands)` adds it."""
