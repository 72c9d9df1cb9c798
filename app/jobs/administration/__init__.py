"""Jobs of the administration: audit, divisions, nodes, processes of the machine."""
