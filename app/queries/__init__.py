"""SELECTs that return records, rows or arrays; they never write."""
