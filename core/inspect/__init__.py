"""What happened in an iteration: traces, explanations, gradient checks, gradient flow."""
