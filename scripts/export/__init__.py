"""Turns an open_clip model into a clipcls model folder; see models/README.md for the format."""
