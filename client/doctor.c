/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor_private.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "calls.h"

#define READ_MAX 4096

static void finding_free(void *data)
{
	struct sp_finding *finding = data;

	g_free(finding->what);
	g_free(finding->advice);
	g_free(finding->command);
	g_free(finding);
}

void sp_doctor_tell(struct sp_examination *on, enum sp_finding_level level,
		    const char *check, char *what, char *advice)
{
	struct sp_finding *finding = g_new0(struct sp_finding, 1);

	finding->level = level;
	finding->check = check;
	finding->what = what;
	finding->advice = advice;
	g_ptr_array_add(on->findings, finding);
}

void sp_doctor_command(struct sp_examination *on, const char *format, ...)
{
	struct sp_finding *last = g_ptr_array_index(on->findings, on->findings->len - 1);
	va_list args;

	va_start(args, format);
	last->command = g_strdup_vprintf(format, args);
	va_end(args);
}

char *sp_doctor_path(const struct sp_examination *on, const char *path)
{
	return g_strconcat(on->root, path, NULL);
}

/* Files of /proc and /sys have no size: read, not mapped. */
char *sp_doctor_read(const struct sp_examination *on, const char *path)
{
	g_autofree char *whole = sp_doctor_path(on, path);
	g_autoptr(GFile) file = g_file_new_for_path(whole);
	g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, NULL);
	g_autofree char *text = g_malloc0(READ_MAX + 1);
	gsize length;

	if (!stream || !g_input_stream_read_all(G_INPUT_STREAM(stream), text, READ_MAX,
						&length, NULL, NULL))
		return NULL;
	if (length && text[length - 1] == '\n')
		text[length - 1] = 0;
	return g_steal_pointer(&text);
}

GPtrArray *sp_doctor_examine(const char *root, GVariant *status, const char *problem)
{
	struct sp_examination on = {
		.root = root,
		.status = status,
		.problem = problem,
		.findings = g_ptr_array_new_with_free_func(finding_free),
	};

	sp_doctor_module(&on);
	sp_doctor_daemon(&on);
	sp_doctor_queues(&on);
	sp_doctor_machine(&on);
	return on.findings;
}

/* Is it the starter rule for DNS, or one like it? */
static gboolean lets_all_ask(GVariant *rule)
{
	const char *text = "";
	gboolean enabled = FALSE;

	g_variant_lookup(rule, "text", "&s", &text);
	g_variant_lookup(rule, "enabled", "b", &enabled);
	return enabled && g_str_has_prefix(text, "allow out ") && strstr(text, " to resolver") &&
	       !strstr(text, " program ") && !strstr(text, " package ") && !strstr(text, " unit ") &&
	       !strstr(text, " app ");
}

void sp_doctor_rules(GPtrArray *findings, GVariant *rules)
{
	struct sp_examination on = { .root = "", .findings = findings };
	g_autoptr(GString) ids = g_string_new(NULL);

	for (gsize i = 0; i < g_variant_n_children(rules); i++) {
		g_autoptr(GVariant) rule = g_variant_get_child_value(rules, i);

		if (lets_all_ask(rule))
			g_string_append_printf(ids, " %" G_GUINT64_FORMAT,
					       sp_dict_number(rule, "id"));
	}
	if (ids->len) {
		sp_doctor_tell(&on, SP_FINDING_NOTE, "resolver", g_strdup(
			_("Every program may ask this machine's name servers: names that are asked "
			  "for can carry data out.")),
			g_strdup_printf(_("That is so by a rule, for your comfort. To be asked instead: "
					  "sallyport rules disable%s"), ids->str));
		sp_doctor_command(&on, "sallyport rules disable%s", ids->str);
	} else {
		sp_doctor_tell(&on, SP_FINDING_GOOD, "resolver", g_strdup(
			_("Programs may ask name servers only as the rules say of each.")), NULL);
	}
}

enum sp_finding_level sp_doctor_worst(const GPtrArray *findings)
{
	enum sp_finding_level worst = SP_FINDING_GOOD;

	for (guint i = 0; i < findings->len; i++) {
		const struct sp_finding *finding = g_ptr_array_index(findings, i);

		worst = MAX(worst, finding->level);
	}
	return worst;
}
