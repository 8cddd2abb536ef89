-- SPDX-License-Identifier: GPL-2.0-or-later
-- Rules and the journal of their changes.
--
-- owner and user: a uid, or NULL for the system and for any user. Actions as in
-- enum sp_action, directions as in enum sp_direction. Addresses are 16 bytes,
-- IPv4 as ::ffff:a.b.c.d. Times are ns of CLOCK_REALTIME; expires NULL: never.
-- AUTOINCREMENT: an id is never used again.

CREATE TABLE rules (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	owner INTEGER CHECK (owner BETWEEN 0 AND 4294967294),
	floor INTEGER NOT NULL CHECK (floor IN (0, 1)),
	enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
	action INTEGER NOT NULL CHECK (action BETWEEN 1 AND 4),
	direction INTEGER NOT NULL CHECK (direction IN (0, 1)),
	program TEXT,
	user INTEGER CHECK (user BETWEEN 0 AND 4294967294),
	protocol INTEGER CHECK (protocol BETWEEN 0 AND 255),
	remote BLOB NOT NULL CHECK (length(remote) = 16),
	remote_length INTEGER NOT NULL CHECK (remote_length BETWEEN 0 AND 128),
	remote_port_first INTEGER NOT NULL CHECK (remote_port_first BETWEEN 0 AND 65535),
	remote_port_last INTEGER NOT NULL CHECK (remote_port_last BETWEEN remote_port_first AND 65535),
	local_port_first INTEGER NOT NULL CHECK (local_port_first BETWEEN 0 AND 65535),
	local_port_last INTEGER NOT NULL CHECK (local_port_last BETWEEN local_port_first AND 65535),
	interface TEXT,
	expires INTEGER CHECK (expires > 0),
	created INTEGER NOT NULL,
	maker INTEGER NOT NULL CHECK (maker BETWEEN 0 AND 4294967295),
	note TEXT,
	CHECK (NOT (floor AND owner IS NOT NULL))
) STRICT;

CREATE INDEX rules_expires ON rules (expires) WHERE expires IS NOT NULL;

-- before and after are lines of the rule language; NULL: there was none. No
-- reference to rules: an entry outlives the rule it is about.
CREATE TABLE journal (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	time INTEGER NOT NULL,
	uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
	how TEXT NOT NULL,
	rule INTEGER NOT NULL,
	before TEXT,
	after TEXT,
	CHECK (before IS NOT NULL OR after IS NOT NULL)
) STRICT;
