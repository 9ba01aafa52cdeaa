"""What does a policy say? Model, vocabulary, loading and the expression language."""
