"""A host project's app: models with every type of field, and their exports."""
