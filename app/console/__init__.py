"""The technical console for system administrators (Flask-Admin)."""
