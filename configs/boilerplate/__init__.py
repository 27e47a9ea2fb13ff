"""Boilerplate phrases by language; the head of `en.txt` explains the format."""
