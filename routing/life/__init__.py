"""What happens to a lead between "seen" and "settled": pure functions over plain facts.

No I/O, no clock, no chance. The daemon, its shadow and `simulate` ask here and say nothing of
their own about it.
"""
