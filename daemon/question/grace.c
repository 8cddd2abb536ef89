/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See grace.h. The clock is the monotonic one. */
#include "grace.h"

#include "log.h"
#include "offer.h"
#include "state_file.h"

#define GRACED_MAX	256u
#define BACK_SECONDS	10	/* an agent is back at once, unless the machine is busy */
#define FILE_NAME	"agents"
#define GROUP		"agents"
#define UIDS		"uids"

struct sp_grace {
	guint seconds;
	GHashTable *ends;	/* uid → gint64 */
	char *path;		/* NULL: nothing is kept */
	GArray *before;		/* guint32: users whose agents were there */
	gint64 back;		/* until then they are expected */
};

/* What is wrong in the file is passed over: it saves a few refusals, no more. */
static void read_before(struct sp_grace *grace)
{
	g_autoptr(GKeyFile) file = grace->path ? sp_state_file_read(grace->path) : NULL;
	g_autofree int *uids = NULL;
	gsize count = 0;

	if (file)
		uids = g_key_file_get_integer_list(file, GROUP, UIDS, &count, NULL);
	for (gsize i = 0; i < MIN(count, SP_AGENTS_MAX); i++) {
		guint32 uid = (guint32)uids[i];

		g_array_append_val(grace->before, uid);
	}
}

struct sp_grace *sp_grace_new(guint seconds, const char *folder)
{
	struct sp_grace *grace = g_new0(struct sp_grace, 1);

	grace->seconds = seconds;
	grace->ends = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	grace->path = folder ? g_build_filename(folder, FILE_NAME, NULL) : NULL;
	grace->before = g_array_new(FALSE, FALSE, sizeof(guint32));
	grace->back = g_get_monotonic_time() + BACK_SECONDS * G_USEC_PER_SEC;
	read_before(grace);
	return grace;
}

void sp_grace_free(struct sp_grace *grace)
{
	g_hash_table_unref(grace->ends);
	g_array_unref(grace->before);
	g_free(grace->path);
	g_free(grace);
}

/* Somebody who was there and may be asked about the user's flows: until he is back. */
static gint64 left_of_start(const struct sp_grace *grace, guint32 uid, gint64 now)
{
	for (guint i = 0; i < grace->before->len; i++)
		if (sp_uid_entitled(g_array_index(grace->before, guint32, i), uid))
			return MAX(grace->back - now, 0);
	return 0;
}

static gint64 left_of_user(struct sp_grace *grace, guint32 uid, gint64 now)
{
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

gint64 sp_grace_left(struct sp_grace *grace, guint32 uid)
{
	gint64 now = g_get_monotonic_time();

	return MAX(left_of_user(grace, uid, now), left_of_start(grace, uid, now));
}

void sp_grace_note(const struct sp_grace *grace, const struct sp_agents *agents)
{
	g_autoptr(GKeyFile) file = NULL;
	g_autoptr(GError) error = NULL;
	int uids[SP_AGENTS_MAX];
	guint count = MIN(sp_agents_count(agents), SP_AGENTS_MAX);

	if (!grace->path)
		return;
	for (guint i = 0; i < count; i++)
		uids[i] = (int)sp_agent_uid(sp_agents_get(agents, i));
	file = g_key_file_new();
	g_key_file_set_integer_list(file, GROUP, UIDS, uids, count);
	if (!sp_state_file_write(grace->path, file, &error))
		sp_log_warn("who can be asked is not noted for the next start: %s", error->message);
}
