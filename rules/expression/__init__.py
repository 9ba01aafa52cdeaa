"""What does a condition say? The expression language: its tree, its checked terms, and what they mean."""
