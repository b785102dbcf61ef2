"""Who may see and do what: the table of rules, and the facts that it reads."""
