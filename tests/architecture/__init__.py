"""The shape of the house, and for every guard a planted fault that it must report."""
