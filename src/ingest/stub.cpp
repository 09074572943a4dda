namespace ingestor {}
