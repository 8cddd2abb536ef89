/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See starter.h. What can't be read is logged, and tried again at the next start. */
#include "starter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "log.h"
#include "text.h"

#define DONE		"starter-done"
#define ESTABLISHED	1u
#define SSH		22u

struct starter {
	gboolean over;
	char *done;	/* the file that says so */
};

GArray *sp_starter_parse(const char *text, gsize length, GError **error)
{
	const struct sp_text_context context = { .owner = SP_SYSTEM };
	g_auto(GStrv) lines = NULL;
	g_autofree char *copy = g_strndup(text, length);
	g_autoptr(GArray) rules = sp_rules_new();
	const char *note = "";

	lines = g_strsplit(copy, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		struct sp_text_error wrong;
		struct sp_rule rule;
		int got;

		if (g_str_has_prefix(lines[i], "#: "))
			note = lines[i] + 3;
		got = sp_text_read(lines[i], strlen(lines[i]), &context, &rule, &wrong);
		if (got < 0) {
			g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "line %u: %s", i + 1,
				    wrong.message);
			return NULL;
		}
		if (!got)
			continue;
		if (*note)
			rule.note = strdup(note);
		g_array_append_val(rules, rule);
	}
	return g_steal_pointer(&rules);
}

gboolean sp_starter_has_ssh(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		unsigned port, state;

		if (sscanf(lines[i], " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &port,
			   &state) == 2 && port == SSH && state == ESTABLISHED)
			return TRUE;
	}
	return FALSE;
}

static gboolean ssh_is_open(void)
{
	static const char *const files[] = { "/proc/net/tcp", "/proc/net/tcp6" };

	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *text = NULL;

		if (g_file_get_contents(files[i], &text, NULL, NULL) && sp_starter_has_ssh(text))
			return TRUE;
	}
	return FALSE;
}

/* FALSE: there are none. */
static gboolean add_file(GArray *changes, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) rules = NULL;
	g_autofree char *text = NULL;
	gsize length;

	if (!g_file_get_contents(path, &text, &length, NULL))
		return FALSE;
	rules = sp_starter_parse(text, length, &error);
	if (!rules) {
		sp_log_warn("%s: %s", path, error->message);
		return FALSE;
	}
	for (guint i = 0; i < rules->len; i++) {
		struct sp_rule *rule = &g_array_index(rules, struct sp_rule, i);
		struct sp_change change = { .kind = SP_CHANGE_ADD, .rule = *rule };

		change.rule.created = g_get_real_time() * 1000;
		sp_rule_init(rule);	/* what it held has moved */
		g_array_append_val(changes, change);
	}
	return TRUE;
}

static void on_done(const GError *error, const guint64 *ids, gsize count, void *data)
{
	struct starter *starter = data;

	/* Without a kernel's word they are saved all the same. */
	if (count && g_file_set_contents_full(starter->done, "", 0,
					      G_FILE_SET_CONTENTS_DURABLE, 0600, NULL))
		sp_log_info("%" G_GSIZE_FORMAT " starter rules were brought in", count);
	else
		sp_log_warn("the starter rules could not be brought in: %s",
			    error ? error->message : "the state folder can't be written");
	starter->over = TRUE;
}

void sp_starter_bring_in(struct sp_policy *policy, const struct sp_starter_places *places)
{
	g_autofree char *done = g_build_filename(places->folder, DONE, NULL);
	g_autoptr(GArray) changes = sp_changes_new();
	struct starter starter = { .done = done };

	if (g_file_test(done, G_FILE_TEST_EXISTS) || !add_file(changes, places->rules))
		return;
	if (ssh_is_open())
		add_file(changes, places->ssh);
	sp_policy_change(policy, g_steal_pointer(&changes), 0, "starter rules", FALSE, on_done,
			 &starter);
	while (!starter.over)
		g_main_context_iteration(NULL, TRUE);
}
