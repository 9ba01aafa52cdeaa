"""What would have to change for the answer to change? Values worth supposing, and the nearest that matter."""
