"""Official files in, aligned arrays out: sources, importers, the local store, the panel and the embedded baseline."""
