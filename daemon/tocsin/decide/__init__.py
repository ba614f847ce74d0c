"""From an item to an alert. Pure: no I/O, no clock, no randomness; vectors and `now` are arguments."""
