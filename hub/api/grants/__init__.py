"""Who may what, where and when: grants of accounts, and the closed list of roles."""
