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

static enum sp_import compare(const struct sp_match_key *first, const struct sp_match_key *end,
			      const struct sp_rule *rule, const struct sp_rule **which)
{
	for (*which = first->rule; first < end; first++)
		if (says_same(first->rule, rule)) {
			*which = first->rule;
			return SP_IMPORT_SAME;
		}
	return SP_IMPORT_OTHER;
}

bool sp_import_try(const struct sp_rule *there, size_t there_count,
		   const struct sp_rule *more, size_t count,
		   enum sp_import *what, const struct sp_rule **which)
{
	struct sp_match_key *keys = sp_match_keys(there, there_count);
	bool good = keys;

	for (size_t i = 0; good && i < count; i++) {
		const struct sp_match_key *first, *end;
		char *about = sp_match_about(&more[i]);

		what[i] = SP_IMPORT_NEW;
		which[i] = NULL;
		first = about ? sp_match_keys_find(keys, there_count, about, &end) : NULL;
		if (first)
			what[i] = compare(first, end, &more[i], &which[i]);
		good = about;
		free(about);
	}
	sp_match_keys_free(keys, there_count);
	return good;
}
