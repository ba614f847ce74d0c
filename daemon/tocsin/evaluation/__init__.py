"""How well a labelled scenario is read: the daemon's own code over its items, and the figures."""
