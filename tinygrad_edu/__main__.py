"""`python -m tinygrad_edu`: the command line."""

from __future__ import annotations

import sys

from tinygrad_edu.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
