-- Ids are random, so that none means something else after a backup was restored or the file was thrown away.
CREATE TABLE IF NOT EXISTS ticket (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(8)))), key TEXT NOT NULL UNIQUE,
    subject TEXT NOT NULL, visitor TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open', since TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    follows TEXT, last INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS ticket_by_last ON ticket (last);
CREATE TRIGGER IF NOT EXISTS ticket_since AFTER UPDATE OF status ON ticket BEGIN
    UPDATE ticket SET since = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = new.id;
END;
CREATE TABLE IF NOT EXISTS comment (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(8)))), key TEXT NOT NULL UNIQUE,
    ticket TEXT NOT NULL REFERENCES ticket (id), at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    text TEXT NOT NULL, name TEXT NOT NULL, public INTEGER NOT NULL, ours INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS comment_by_ticket ON comment (ticket, number);
CREATE TRIGGER IF NOT EXISTS comment_last AFTER INSERT ON comment BEGIN
    UPDATE ticket SET last = new.number WHERE id = new.ticket;
END;
CREATE TABLE IF NOT EXISTS file (
    number INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, comment TEXT NOT NULL REFERENCES comment (id),
    name TEXT NOT NULL, kind TEXT NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS file_by_comment ON file (comment);
CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY, body TEXT NOT NULL);
