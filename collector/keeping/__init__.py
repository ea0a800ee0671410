"""Keeping what was collected: backups, restoring them, and proving that stores agree."""
