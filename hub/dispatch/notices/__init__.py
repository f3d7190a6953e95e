"""What people are told, and that it reaches them."""
