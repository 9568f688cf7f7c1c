"""``python -m analysis COMMAND ...``."""

import sys

from analysis.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
