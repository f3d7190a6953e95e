"""What could not be told, of matters that go on."""
