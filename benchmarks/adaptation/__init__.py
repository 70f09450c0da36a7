"""How well the relay adapts to a network: an emulated link, and what is measured over it."""
