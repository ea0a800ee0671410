"""The carrier's bill, compared with the calls call by call: what both have, what only one has, and what differs."""
