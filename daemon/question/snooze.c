/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See snooze.h. A ring: entries are in the order of their ends. */
#include "snooze.h"

#define SNOOZE_MAX	256u
#define SNOOZE_TIME	(5 * 60 * G_USEC_PER_SEC)

struct sp_snooze {
	struct {
		struct sp_question_key key;
		gint64 ends;		/* monotonic; 0: free */
	} entries[SNOOZE_MAX];
	guint next;
};

struct sp_snooze *sp_snooze_new(void)
{
	return g_new0(struct sp_snooze, 1);
}

void sp_snooze_free(struct sp_snooze *snooze)
{
	g_free(snooze);
}

void sp_snooze_add(struct sp_snooze *snooze, const struct sp_question_key *key)
{
	guint i = snooze->next++ % SNOOZE_MAX;

	snooze->entries[i].key = *key;
	snooze->entries[i].ends = g_get_monotonic_time() + SNOOZE_TIME;
}

gboolean sp_snooze_has(struct sp_snooze *snooze, const struct sp_question_key *key)
{
	gint64 now = g_get_monotonic_time();

	for (guint i = 0; i < SNOOZE_MAX; i++)
		if (snooze->entries[i].ends > now &&
		    sp_question_key_equal(&snooze->entries[i].key, key))
			return TRUE;
	return FALSE;
}
