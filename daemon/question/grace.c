/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See grace.h. The clock is the monotonic one. */
#include "grace.h"

#include "offer.h"

#define GRACED_MAX	256u

struct sp_grace {
	guint seconds;
	GHashTable *ends;	/* uid → gint64 */
};

struct sp_grace *sp_grace_new(guint seconds)
{
	struct sp_grace *grace = g_new0(struct sp_grace, 1);

	grace->seconds = seconds;
	grace->ends = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return grace;
}

void sp_grace_free(struct sp_grace *grace)
{
	g_hash_table_unref(grace->ends);
	g_free(grace);
}

gint64 sp_grace_left(struct sp_grace *grace, guint32 uid)
{
	gint64 now = g_get_monotonic_time();
	gint64 *end = g_hash_table_lookup(grace->ends, GUINT_TO_POINTER(uid));

	if (!grace->seconds || sp_uid_is_system(uid))
		return 0;
	if (end)
		return MAX(*end - now, 0);
	if (g_hash_table_size(grace->ends) >= GRACED_MAX)
		return 0;
	end = g_new(gint64, 1);
	*end = now + grace->seconds * G_USEC_PER_SEC;
	g_hash_table_insert(grace->ends, GUINT_TO_POINTER(uid), end);
	return *end - now;
}
