/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The canonical line says all that a rule is about. */
#include <stdlib.h>
#include <string.h>
#include "match_key.h"
#include "text.h"

char *sp_match_about(const struct sp_rule *rule)
{
	struct sp_rule about = *rule;	/* borrows the strings */

	about.action = SP_ASK;
	about.log = false;
	about.note = NULL;
	about.expires = 0;
	about.bound = SP_BOUND_NONE;
	about.boot = NULL;
	about.session = NULL;
	return sp_text_print(&about, NULL);
}

static int compare(const void *a, const void *b)
{
	const struct sp_match_key *x = a, *y = b;
	int order = strcmp(x->about, y->about);

	if (order)
		return order;
	if (x->rule->id != y->rule->id)
		return x->rule->id > y->rule->id ? 1 : -1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

struct sp_match_key *sp_match_keys(const struct sp_rule *rules, size_t count)
{
	struct sp_match_key *keys = calloc(count + 1, sizeof(*keys));

	for (size_t i = 0; keys && i < count; i++) {
		keys[i] = (struct sp_match_key){ &rules[i], sp_match_about(&rules[i]) };
		if (!keys[i].about) {
			sp_match_keys_free(keys, i);
			return NULL;
		}
	}
	if (keys)
		qsort(keys, count, sizeof(*keys), compare);
	return keys;
}

void sp_match_keys_free(struct sp_match_key *keys, size_t count)
{
	for (size_t i = 0; keys && i < count; i++)
		free(keys[i].about);
	free(keys);
}

const struct sp_match_key *sp_match_keys_find(const struct sp_match_key *keys, size_t count,
					      const char *about, const struct sp_match_key **end)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(keys[middle].about, about) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*end = &keys[low];
	while (*end < keys + count && !strcmp((*end)->about, about))
		++*end;
	return *end > &keys[low] ? &keys[low] : NULL;
}
