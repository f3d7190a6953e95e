"""The numbers people are judged by."""
