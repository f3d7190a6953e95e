"""Adding up what was derived."""
