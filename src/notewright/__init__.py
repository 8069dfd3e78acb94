"""notewright: release documents people can trust, from a repository's history."""

__version__ = "0.1.0"
