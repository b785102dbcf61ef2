"""What sign-in keeps: software, sign-ins under way, sessions, their tokens, accounts. It holds no health data."""
