"""What the mirror costs, always beside a baseline measured in the same run. Never a test."""
