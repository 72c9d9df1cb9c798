"""Commands of the operator: servers, schema, demo data, proofs."""
