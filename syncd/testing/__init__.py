"""What tests of connectors and of the daemon are made with; shipped, for other people's connectors too."""
