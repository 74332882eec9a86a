"""How much of an item is worth printing, sentence by sentence."""
