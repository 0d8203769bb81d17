"""The graph of a picture: its nodes and boxes, with no place on the page yet."""
