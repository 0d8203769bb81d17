"""The layout of a picture: the place of every card."""
