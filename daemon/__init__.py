"""The shell: the only place with a clock, where every real part is named once and started."""
