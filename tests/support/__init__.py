"""What the end-to-end tests stand on: real servers, the binary, and an independent idea of the truth."""
