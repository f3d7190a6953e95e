"""The numbers people are judged by: formulas, what they count, what goes out."""
