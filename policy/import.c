/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What rules that are brought in would do to those that are there. */
#include <stdlib.h>
#include <string.h>
#include "files.h"
#include "match_key.h"

/* Of rules that are bound alike: both have one, or neither. */
static bool same_text(const char *a, const char *b)
{
	return !a || !strcmp(a, b);
}

/* About the same already; do they say the same? */
static bool says_same(const struct sp_rule *a, const struct sp_rule *b)
{
	return a->action == b->action && a->log == b->log && a->expires == b->expires &&
	       a->bound == b->bound && same_text(a->boot, b->boot) &&
	       same_text(a->session, b->session);
}

/* Rules about the same, the newest last. */
struct group {
	const struct sp_match_key *first, *end;
};

static size_t count_of(const struct group *group)
{
	return (size_t)(group->end - group->first);
}

/*
 * How many of @more are there already: the newest that are there must be the first of
 * them, in their order, or another would decide.
 */
static size_t overlap(const struct group *there, const struct group *more)
{
	size_t count = count_of(there) < count_of(more) ? count_of(there) : count_of(more), i;

	for (; count; count--) {
		for (i = 0; i < count; i++)
			if (!says_same(there->end[i - count].rule, more->first[i].rule))
				break;
		if (i == count)
			break;
	}
	return count;
}

/* Where what became of each of them is written. */
struct outcome {
	const struct sp_rule *rules;
	enum sp_import *what;
	const struct sp_rule **which;
};

static void compare(const struct group *there, const struct group *more,
		    const struct outcome *outcome)
{
	size_t same = overlap(there, more);

	for (size_t i = 0; i < count_of(more); i++) {
		size_t at = (size_t)(more->first[i].rule - outcome->rules);

		outcome->what[at] = i < same ? SP_IMPORT_SAME :
				    count_of(there) ? SP_IMPORT_OTHER : SP_IMPORT_NEW;
		outcome->which[at] = i < same ? (there->end - same)[i].rule :
				     count_of(there) ? there->end[-1].rule : NULL;
	}
}

bool sp_import_try(const struct sp_rule *there, size_t there_count,
		   const struct sp_rule *more, size_t count,
		   enum sp_import *what, const struct sp_rule **which)
{
	const struct outcome outcome = { more, what, which };
	struct sp_match_key *keys = sp_match_keys(there, there_count);
	struct sp_match_key *new_keys = sp_match_keys(more, count);
	bool good = keys && new_keys;
	struct group old, new;

	for (new.end = new_keys; good && new.end < new_keys + count;) {
		new.first = sp_match_keys_find(new_keys, count, new.end->about, &new.end);
		old.first = sp_match_keys_find(keys, there_count, new.first->about, &old.end);
		if (!old.first)
			old.first = old.end;
		compare(&old, &new, &outcome);
	}
	sp_match_keys_free(keys, there_count);
	sp_match_keys_free(new_keys, count);
	return good;
}
