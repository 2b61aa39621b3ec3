"""`python -m storykit` is the command `storykit`."""

import sys

from storykit.cli import main

if __name__ == "__main__":  # and not where a process that it starts looks what this one is
    sys.exit(main())
