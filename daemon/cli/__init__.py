"""The command line. A command is one small module: options in, one call, an answer out.

Law: nothing heavy is imported before a command runs, so that `signalbox --help` is quick; results
go to standard output, everything else to standard error; and every way to end has its exit code.
"""

import sys


def main() -> int:
    """The `signalbox` script: run a command and say how it ended."""
    from daemon.cli.entry import run_command

    return run_command(sys.argv[1:])
