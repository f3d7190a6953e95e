"""Cameras: the register, the probe, the sheet, the export."""
