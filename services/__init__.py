"""Zhixin (质信): quality-credit files and their exchange between departments."""
