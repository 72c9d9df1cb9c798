"""What machines call: payment providers and health checks."""
