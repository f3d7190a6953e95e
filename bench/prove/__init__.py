"""`make prove`: the figures of "nothing lost", on servers and on what the hub brings along."""
