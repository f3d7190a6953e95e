"""What the clocks should have seen, looked for by somebody else."""
