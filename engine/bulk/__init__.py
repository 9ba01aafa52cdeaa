"""Verdicts on moves in any number: conditions as bits, conclusions by components, a file of verdicts that is whole."""
