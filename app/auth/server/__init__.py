"""The authorisation server: who signs in, with which software, and the tokens that come of it (decision 16)."""
