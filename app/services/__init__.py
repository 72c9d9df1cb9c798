"""Use cases: load, compute, store, flush. A service gets the session, the user and today as arguments and never commits."""
