"""The daemon: inputs, journal, framing, calls, stores, outputs and the command line."""
