"""Python imports this by itself at its start where this folder is on PYTHONPATH: child processes too."""

import netguard

netguard.install()
