"""The back office: Flask-AppBuilder views over tables, and screens of their own."""
