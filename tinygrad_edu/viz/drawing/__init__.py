"""The picture itself: cards in SVG, DOT, Mermaid, Markdown and text."""
