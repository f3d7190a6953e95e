"""What is deleted when, and the proof that it was."""
