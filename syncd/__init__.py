"""syncd keeps website chats and helpdesk tickets in step, both ways."""
