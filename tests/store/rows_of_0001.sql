INSERT INTO account VALUES ('chatra', '[]', 0.0);
INSERT INTO bridge_end VALUES ('default', 'helpdesk', '7', 1.5, 'up', '', 1.5);
INSERT INTO bridge_pause VALUES ('shop', 1.5);
INSERT INTO inbox VALUES (1, 'default', 'chat', 'webhook', 1.5, 'planned', '');
INSERT INTO payload VALUES (1, '{}', X'7b7d');
INSERT INTO link VALUES (1, 'default', 'ann', '42', 1.5);
INSERT INTO link_ticket VALUES ('default', '42', 1);
INSERT INTO lane VALUES (1, 'chat', 'default', NULL, 0);
INSERT INTO outbox VALUES
    (1, 1, 'chat', 1, 'k1', 'post_message', X'7b7d', 1, 1.5, 1.5, 1.6, 1.6, 'sent', NULL, 'm1', '', NULL, 1.7),
    (2, 1, 'chat', 1, 'k2', 'post_message', X'7b7d', 2, 1.5, 1.5, 1.6, 1.6, 'parked', NULL, NULL, 'old', 1.7, NULL);
INSERT INTO ledger VALUES (1, 'default', 'chat', 'm1', 0, 1, 1, 1, 1, 1.5);
