"""The built-in console: what `calls.db` holds, in a browser."""
