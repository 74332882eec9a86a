"""One item through every stage: examine, compare, decide."""
