"""Many bundles at once: large files cut up, read and checked on every core, kept in groups."""
