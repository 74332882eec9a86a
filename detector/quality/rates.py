"""What a newsroom may lose by default: the share of genuine news that is rejected for padding, and held, at most."""

FALSE_REJECT_RATE, FALSE_HOLD_RATE = 0.005, 0.05
# A genre that only sounds padded is held from a higher score, which so many of all genuine items reach.
PROTECTED_HOLD_RATE = 0.01
