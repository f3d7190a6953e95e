"""What the pages show of the site."""
