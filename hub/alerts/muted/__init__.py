"""What is kept of camera faults that a mute keeps silent about."""
