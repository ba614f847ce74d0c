"""Tocsin watches the news for the companies you depend on and compete with, and rings once."""

__version__ = "0.1.0"
