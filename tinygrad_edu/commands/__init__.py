"""The commands of the command line that work on a user's own script or exercise, one in each file."""
