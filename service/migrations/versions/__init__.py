"""One module for each step between layouts."""
