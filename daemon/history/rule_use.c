/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rule_use.h. The file's first line is the day since when it is noted, each other
 * one a rule and its day, as numbers; days since 1970. It is no treasure: what is wrong
 * in it is passed over.
 */
#include "rule_use.h"

#include <stdio.h>
#include "log.h"

#define FILE_NAME	"rules.used"
#define DAY		(G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
#define DELAY		600	/* s */

struct use {
	guint64 rule;
	gint64 day;
};

struct sp_rule_use {
	struct sp_store_thread *store;
	const struct sp_policy *policy;
	char *path;
	gint64 since;		/* day */
	GHashTable *rules;	/* struct use, by @rule */
	guint timer;
};

/* FALSE: nothing new. */
static gboolean note(struct sp_rule_use *use, guint64 rule, gint64 day)
{
	struct use *one = g_hash_table_lookup(use->rules, &rule);

	if (one && one->day >= day)
		return FALSE;
	if (!one) {
		one = g_new0(struct use, 1);
		one->rule = rule;
		g_hash_table_insert(use->rules, &one->rule, one);
	}
	one->day = day;
	return TRUE;
}

static void read_file(struct sp_rule_use *use)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gint64 today = use->since;

	if (!g_file_get_contents(use->path, &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	if (lines[0] && !g_ascii_string_to_signed(lines[0], 10, 0, today, &use->since, NULL))
		return;		/* and it is noted since today */
	for (guint i = 1; lines[0] && lines[i]; i++) {
		unsigned long long rule;
		long long day;

		if (sscanf(lines[i], "%llu %lld", &rule, &day) == 2 && day <= today &&
		    sp_policy_find(use->policy, rule))
			note(use, rule, day);
	}
}

/* The file as it is to be, on its way to the store's thread. */
struct writing {
	char *path;
	GString *text;
};

static void writing_free(void *data)
{
	struct writing *writing = data;

	g_free(writing->path);
	g_string_free(writing->text, TRUE);
	g_free(writing);
}

/* In the store's thread: waits for the disk. */
static void write_file(struct sp_totals *totals, void *data)
{
	const struct writing *writing = data;
	g_autoptr(GError) error = NULL;

	(void)totals;
	if (!g_file_set_contents_full(writing->path, writing->text->str,
				      (gssize)writing->text->len,
				      G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
		sp_log_warn("which rules were used is not saved: %s", error->message);
}

static GString *file_text(struct sp_rule_use *use)
{
	GString *text = g_string_new(NULL);
	GHashTableIter iter;
	gpointer value;

	g_string_append_printf(text, "%" G_GINT64_FORMAT "\n", use->since);
	g_hash_table_iter_init(&iter, use->rules);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct use *one = value;

		if (sp_policy_find(use->policy, one->rule))
			g_string_append_printf(text, "%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n",
					       one->rule, one->day);
		else
			g_hash_table_iter_remove(&iter);
	}
	return text;
}

/* FALSE: too much waits for the disk. */
static gboolean save(struct sp_rule_use *use)
{
	struct writing *writing = g_new0(struct writing, 1);

	writing->path = g_strdup(use->path);
	writing->text = file_text(use);
	return sp_store_thread_totals(use->store, write_file, NULL, writing, writing_free);
}

static gboolean on_timer(void *data)
{
	struct sp_rule_use *use = data;

	if (!save(use))
		return G_SOURCE_CONTINUE;
	use->timer = 0;
	return G_SOURCE_REMOVE;
}

void sp_rule_use_add(struct sp_rule_use *use, const struct sp_record *record)
{
	if (!record->rule || record->rule >= SP_FILE_RULE_ID ||
	    !note(use, record->rule, record->time / 1000 / DAY))
		return;
	if (!use->timer)
		use->timer = g_timeout_add_seconds(DELAY, on_timer, use);
}

gint64 sp_rule_use_last(const struct sp_rule_use *use, guint64 rule)
{
	const struct use *one = g_hash_table_lookup(use->rules, &rule);

	return one ? one->day * DAY : 0;
}

gint64 sp_rule_use_since(const struct sp_rule_use *use)
{
	return use->since * DAY;
}

struct sp_rule_use *sp_rule_use_new(const char *folder, struct sp_store_thread *store,
				    const struct sp_policy *policy)
{
	struct sp_rule_use *use = g_new0(struct sp_rule_use, 1);

	use->store = store;
	use->policy = policy;
	use->path = g_build_filename(folder, FILE_NAME, NULL);
	use->since = g_get_real_time() / DAY;
	use->rules = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
	read_file(use);
	return use;
}

void sp_rule_use_free(struct sp_rule_use *use)
{
	if (!use)
		return;
	g_clear_handle_id(&use->timer, g_source_remove);
	save(use);
	g_hash_table_unref(use->rules);
	g_free(use->path);
	g_free(use);
}
