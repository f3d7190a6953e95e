"""The built pages, and the headers that keep them to themselves."""
