"""Exit codes, as documented in the README."""

OK = 0
FAILED = 1
USAGE = 2
CONFIG = 3
STORE = 4
MODEL = 5
