/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See refused.h. */
#include "refused.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "format.h"
#include "width.h"

#define PROGRAMS_MAX	32u	/* that are told apart */
#define LINES_MAX	4u	/* that are shown */

/* One program refused for one reason. */
struct group {
	char *program, *by, *flow;
	guint count;
};

struct sp_refused {
	GPtrArray *groups;
	guint count;
};

static void group_free(gpointer data)
{
	struct group *group = data;

	g_free(group->program);
	g_free(group->by);
	g_free(group->flow);
	g_free(group);
}

struct sp_refused *sp_refused_new(void)
{
	struct sp_refused *refused = g_new0(struct sp_refused, 1);

	refused->groups = g_ptr_array_new_with_free_func(group_free);
	return refused;
}

void sp_refused_free(struct sp_refused *refused)
{
	if (!refused)
		return;
	g_ptr_array_unref(refused->groups);
	g_free(refused);
}

static gboolean is_news(GVariant *record)
{
	static const char *const by[] = { "deadline", "nobody", "limit", NULL };
	const char *action = sp_dict_string(record, "action");

	return (strcmp(action, "deny") == 0 || strcmp(action, "drop") == 0) &&
	       g_strv_contains(by, sp_dict_string(record, "by"));
}

static struct group *group_of(struct sp_refused *refused, const char *program, const char *by)
{
	struct group *group;

	for (guint i = 0; i < refused->groups->len; i++) {
		group = g_ptr_array_index(refused->groups, i);
		if (strcmp(group->program, program) == 0 && strcmp(group->by, by) == 0)
			return group;
	}
	if (refused->groups->len >= PROGRAMS_MAX)
		return NULL;
	group = g_new0(struct group, 1);
	group->program = g_strdup(program);
	group->by = g_strdup(by);
	g_ptr_array_add(refused->groups, group);
	return group;
}

static char *flow_of(GVariant *record, const char *program)
{
	g_autofree char *name = sp_format_remote(record);
	g_autofree char *remote = sp_width_harmless(name);

	return sp_format_flow(sp_format_program(program), sp_dict_string(record, "direction"),
			      remote, (guint)sp_dict_number(record, "remote-port"),
			      (guint)sp_dict_number(record, "local-port"));
}

gboolean sp_refused_add(struct sp_refused *refused, GVariant *record)
{
	g_autofree char *program = sp_width_harmless(sp_dict_string(record, "program"));
	struct group *group;

	if (!is_news(record))
		return FALSE;
	refused->count++;
	group = group_of(refused, program, sp_dict_string(record, "by"));
	if (!group)
		return TRUE;	/* counted, if not by name */
	group->count++;
	g_free(group->flow);
	group->flow = flow_of(record, program);
	return TRUE;
}

guint sp_refused_count(const struct sp_refused *refused)
{
	return refused->count;
}

void sp_refused_clear(struct sp_refused *refused)
{
	g_ptr_array_set_size(refused->groups, 0);
	refused->count = 0;
}

char *sp_refused_summary(const struct sp_refused *refused)
{
	return g_strdup_printf(ngettext("A connection was refused",
					"%u connections were refused", refused->count),
			       refused->count);
}

static const char *reason(const char *by)
{
	if (strcmp(by, "nobody") == 0)
		return _("nobody could be asked");
	if (strcmp(by, "limit") == 0)
		return _("too many were waiting");
	return _("nobody answered in time");
}

static void add_group(GString *text, const struct group *group)
{
	if (text->len)
		g_string_append_c(text, '\n');
	if (group->count == 1)
		g_string_append(text, group->flow);
	else
		g_string_append_printf(text, ngettext("%s, %u time", "%s, %u times", group->count),
				       sp_format_program(group->program), group->count);
	g_string_append(text, " – ");
	g_string_append(text, reason(group->by));
}

char *sp_refused_body(const struct sp_refused *refused)
{
	GString *text = g_string_new(NULL);
	guint more = refused->groups->len > LINES_MAX ? refused->groups->len - LINES_MAX : 0;

	for (guint i = 0; i < refused->groups->len && i < LINES_MAX; i++)
		add_group(text, g_ptr_array_index(refused->groups, i));
	if (more)
		g_string_append_printf(text, ngettext("\nand %u more program",
						      "\nand %u more programs", more), more);
	return g_string_free(text, FALSE);
}
