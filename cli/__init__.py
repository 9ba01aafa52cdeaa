"""The verbs, for a terminal."""
