"""What stands in a policy file? YAML to values, with every problem at its place, and the canonical layout of a file."""
