"""The sweep over open_clip's architectures: see sweep.py."""
