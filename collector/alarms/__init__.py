"""Alarms: what is watched, when it is wrong, and who is told, once each and again when it is over."""
