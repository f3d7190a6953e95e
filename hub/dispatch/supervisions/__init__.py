"""Supervisions (督办): what is so late that somebody above has to answer for it."""
