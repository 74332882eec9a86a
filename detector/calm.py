"""Importing this ends the search for cycles: while a process loads, there are none, and looking takes a twentieth of it."""

import gc

gc.disable()
