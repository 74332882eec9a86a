"""Importing this ends the search for cycles: a process that loads makes none, and looking takes a twentieth of it."""

import gc

gc.disable()
