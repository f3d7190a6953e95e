"""The roll call of the cameras: planned, answered, counted, and marked as an exercise."""
