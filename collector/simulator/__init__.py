"""Simulated PBXs: realistic traffic, printed in any format, sent wherever a PBX could send it."""
