"""Pictures of training: losses, norms, decision boundaries."""
