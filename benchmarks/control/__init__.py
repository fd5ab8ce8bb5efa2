"""The closed-loop benchmark: controllers, ours and others', in the same simulated homes."""
