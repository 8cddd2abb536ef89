-- SPDX-License-Identifier: GPL-2.0-or-later
-- The journal knows whether a rule was unconfirmed, so that an undo does not confirm it.

ALTER TABLE entries RENAME TO entries_2;

-- What one change did to one rule: its lines before and after, NULL where it was
-- not there; created and maker are the rule's. unconfirmed: before the change.
CREATE TABLE entries (
	change INTEGER NOT NULL REFERENCES changes (id) ON DELETE CASCADE,
	position INTEGER NOT NULL,
	rule INTEGER NOT NULL,
	before TEXT,
	after TEXT,
	created INTEGER NOT NULL,
	maker INTEGER NOT NULL,
	unconfirmed INTEGER NOT NULL CHECK (unconfirmed IN (0, 1)),
	sum INTEGER NOT NULL CHECK (sum = row_sum(change, position, rule, before, after,
						  created, maker, unconfirmed)),
	CHECK (before IS NOT NULL OR after IS NOT NULL),
	PRIMARY KEY (change, position)
) STRICT, WITHOUT ROWID;

INSERT INTO entries
	SELECT change, position, rule, before, after, created, maker, 0,
	       row_sum(change, position, rule, before, after, created, maker, 0)
	FROM entries_2;

DROP TABLE entries_2;
