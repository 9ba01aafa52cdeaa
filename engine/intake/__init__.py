"""What do a company's exports say? Files through a mapping to canonical tables, and the snapshots that keep them."""
