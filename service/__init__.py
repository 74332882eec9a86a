"""The HTTP service around the detector."""
