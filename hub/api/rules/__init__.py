"""Rules: the register and the trial of a draft."""
