"""What PBXs print: one module per vendor family, and detection among them. No I/O."""
