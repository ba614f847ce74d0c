"""From a feed to items: polling, parsing, identity, schedule."""
