"""Laws that hold whatever the input."""
