"""The shell: the only place with a clock, where every real part is named once and started."""

#: Read by `daemon.base.package_name`: another distribution also installs a package called `daemon`.
SIGNALBOX = "the shell of signalbox"
