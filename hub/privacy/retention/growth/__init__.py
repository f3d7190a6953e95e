"""What grows with every day and is nobody's: notices, members of storms, the ledger's own ids."""
