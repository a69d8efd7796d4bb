"""Effects: receive, plan, claim, settle, and what runs them. The only room besides `app` that logs."""
