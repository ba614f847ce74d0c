"""The founding story, to be replayed from a local feed server: what Tocsin does, seen in a minute."""
