"""The picture taken into a lesson: a handout, slides, an animation, a figure for LaTeX."""
