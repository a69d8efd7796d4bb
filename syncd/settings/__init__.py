"""The configuration: read whole, checked whole, every mistake named at once, before anything starts."""
