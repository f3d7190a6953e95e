"""What time has brought to cases: its names, and the rows to be worked on."""
