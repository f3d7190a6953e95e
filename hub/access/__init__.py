"""Who may do what, by which token, and the register of who looked."""
