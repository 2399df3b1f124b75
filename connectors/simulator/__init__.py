"""Both CRMs' wire protocols on loopback, seeded and stateful, with faults on demand.

The law of this package: a client must not be able to tell it from the real service by
anything but its address. What the service refuses is refused here, with its codes and
bodies; what the service gets wrong (whole-second stamps, rows that appear late, limits
that count backwards) is got wrong here too. Nothing in here knows Signalbox: it imports
none of it, and it must serve other people's clients as well.

Everything under /__simulator__/ is ours and no CRM's: the truth journal, scripted faults
and the acts of the humans who live in the simulated company.
"""
