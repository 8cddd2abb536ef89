-- SPDX-License-Identifier: GPL-2.0-or-later
-- A rule is its line of the rule language and what a query looks at; the journal
-- knows which entries are one change.
--
-- sum is the checksum of the row's other values (row_sum, see sum.c). It is a
-- constraint: nothing is written without it, and the check at start finds every
-- row that it does not fit. There are no indexes, whose contents that check would
-- not see, and no AUTOINCREMENT, whose counter has no checksum.

PRAGMA application_id = 0x53616c79;

ALTER TABLE rules RENAME TO rules_1;

-- expires: ns of CLOCK_REALTIME, NULL: never, as the text says. unconfirmed:
-- restored from a copy that was older than the last acknowledged change.
CREATE TABLE rules (
	id INTEGER PRIMARY KEY,
	text TEXT NOT NULL,
	expires INTEGER CHECK (expires > 0),
	created INTEGER NOT NULL,
	maker INTEGER NOT NULL CHECK (maker BETWEEN 0 AND 4294967295),
	unconfirmed INTEGER NOT NULL CHECK (unconfirmed IN (0, 1)),
	sum INTEGER NOT NULL CHECK (sum = row_sum(id, text, expires, created, maker, unconfirmed))
) STRICT;

INSERT INTO rules
	SELECT id, text, expires, created, maker, 0,
	       row_sum(id, text, expires, created, maker, 0)
	FROM (SELECT id, expires, created, maker, rule_1_text(
		owner, floor, enabled, action, direction, program, user, protocol,
		remote, remote_length, remote_port_first, remote_port_last,
		local_port_first, local_port_last, interface, expires, note) AS text
	      FROM rules_1);

-- One row. next_rule: the id that the next rule gets; none is ever used again.
CREATE TABLE state (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	next_rule INTEGER NOT NULL CHECK (next_rule > 0),
	sum INTEGER NOT NULL CHECK (sum = row_sum(id, next_rule))
) STRICT;

INSERT INTO state
	SELECT 1, next, row_sum(1, next)
	FROM (SELECT 1 + max(ifnull((SELECT max(id) FROM rules), 0),
			     ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'rules_1'), 0)
			     ) AS next);

-- kind as in enum sp_change_set_kind. target: of an undo or redo, the change that
-- it is about. undone: is it undone now?
CREATE TABLE changes (
	id INTEGER PRIMARY KEY,
	kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4),
	time INTEGER NOT NULL,
	uid INTEGER NOT NULL CHECK (uid BETWEEN 0 AND 4294967295),
	how TEXT NOT NULL,
	target INTEGER CHECK ((target IS NOT NULL) = (kind IN (1, 2))),
	undone INTEGER NOT NULL CHECK (undone IN (0, 1)),
	sum INTEGER NOT NULL CHECK (sum = row_sum(id, kind, time, uid, how, target, undone))
) STRICT;

-- What one change did to one rule: its lines before and after, NULL where it was
-- not there; created and maker are the rule's.
CREATE TABLE entries (
	change INTEGER NOT NULL REFERENCES changes (id) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	rule INTEGER NOT NULL,
	before TEXT,
	after TEXT,
	created INTEGER NOT NULL,
	maker INTEGER NOT NULL,
	sum INTEGER NOT NULL CHECK (sum = row_sum(change, position, rule, before, after,
						  created, maker)),
	CHECK (before IS NOT NULL OR after IS NOT NULL),
	PRIMARY KEY (change, position)
) STRICT, WITHOUT ROWID;

-- Version 1 did not say which entries belong together; those of one moment do.
-- Nor did it keep who made a rule that is gone: who changed it has to do.
CREATE TEMP TABLE grouped AS
	SELECT min(id) AS change, time, uid, how FROM journal GROUP BY time, uid, how;

INSERT INTO changes
	SELECT change, kind, time, uid, how, NULL, 0,
	       row_sum(change, kind, time, uid, how, NULL, 0)
	FROM (SELECT *, CASE how WHEN 'expired' THEN 3 ELSE 0 END AS kind FROM grouped);

INSERT INTO entries
	SELECT change, id, rule, before, after, created, maker,
	       row_sum(change, id, rule, before, after, created, maker)
	FROM (SELECT g.change, j.id, j.rule, j.before, j.after,
		     ifnull(r.created, j.time) AS created, ifnull(r.maker, j.uid) AS maker
	      FROM journal j JOIN grouped g USING (time, uid, how)
	      LEFT JOIN rules r ON r.id = j.rule);

DROP TABLE grouped;
DROP TABLE journal;
DROP TABLE rules_1;
