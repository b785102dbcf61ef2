"""How it is kept: tables, statements, search, the trail and contents."""
