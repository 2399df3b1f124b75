"""The model at work: what serves, what trains, what drifts."""
