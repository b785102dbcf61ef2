"""Who is asking: tokens, their issue and their verification."""
