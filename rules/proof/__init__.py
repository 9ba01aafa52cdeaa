"""What holds of the policies in every world at once? Checked expressions as formulas of a solver."""
