"""People who sign in: accounts of holders and representatives, Pro Santé Connect, and the pages that they meet."""
