"""The status pages: what ops see in a browser. They read beside the writer, and change only what commands do."""
