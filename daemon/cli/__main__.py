"""`python -m daemon.cli`, for whoever has no script on the path."""

import sys

from daemon.cli import main

sys.exit(main())
