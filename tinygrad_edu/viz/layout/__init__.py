"""The layout of a picture: where every card stands."""
