"""Settings, tried and chosen by cross-validation."""
