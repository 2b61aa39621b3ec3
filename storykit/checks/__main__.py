"""`python -m storykit.checks`: print all problems; exit code 1 if there are any."""

import sys

from storykit import checks

if __name__ == "__main__":
    sys.exit(checks.main())
