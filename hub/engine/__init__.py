"""Where the processes of the hub run: one small interface, local processes behind it."""
