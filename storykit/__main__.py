"""`python -m storykit` is the command `storykit`."""

import sys

from storykit.cli import main

sys.exit(main())
