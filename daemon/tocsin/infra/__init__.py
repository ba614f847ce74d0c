"""One of each thing that touches the world, behind a port."""
