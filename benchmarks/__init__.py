"""Accuracy and speed, beside the usual libraries; see accuracy.py and speed.py."""
