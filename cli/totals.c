/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport totals and sallyport forget: the history, summed up; and gone. */
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "duration.h"
#include "format.h"
#include "output.h"
#include "password.h"
#include "table.h"

static char *by_text, *last_text, *step_text;
static gboolean json, all;

static const GOptionEntry totals_entries[] = {
	{ "by", 'b', 0, G_OPTION_ARG_STRING, &by_text,
	  N_("What to tell apart (default program,action): user, direction, program, host, port, protocol, action"),
	  N_("LIST") },
	{ "last", 'l', 0, G_OPTION_ARG_STRING, &last_text,
	  N_("Since so long ago (default 1d)"), N_("DURATION") },
	{ "step", 's', 0, G_OPTION_ARG_STRING, &step_text,
	  N_("By time, too: each minute, hour or day"), N_("STEP") },
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("Of all users, too"), NULL },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, a line for each row"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage totals_usage = {
	.command = "totals",
	.description = N_("Shows how many connections your programs had and how much they carried. Minutes\n"
			  "are kept for a day, hours for a month, days for a year."),
	.entries = totals_entries,
};

static const GOptionEntry forget_entries[] = {
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("That of all users"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage forget_usage = {
	.command = "forget",
	.description = N_("Removes your history for good: what log, watch and totals show. Rules stay."),
	.entries = forget_entries,
};

static gboolean read_step(guint *step, GError **error)
{
	static const struct {
		const char *name;
		guint seconds;
	} steps[] = { { "minute", 60 }, { "hour", 3600 }, { "day", 86400 } };

	*step = 0;
	if (!step_text)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++)
		if (!strcmp(steps[i].name, step_text))
			*step = steps[i].seconds;
	return *step || sp_usage_error(error, _("“%s” is no step; use minute, hour or day"), step_text);
}

static gboolean read_last(gint64 *seconds, GError **error)
{
	return sp_duration_parse(last_text ? last_text : "1d", seconds) ||
	       sp_usage_error(error, _("“%s” is no duration; use such as 15m, 1h, 2d"), last_text);
}

/* A column of the table and where it comes from. */
static const struct field {
	const char *key, *title;
	gboolean number;
} fields[] = {
	{ "start", N_("From"), FALSE }, { "user", N_("User"), FALSE },
	{ "direction", N_("Way"), FALSE }, { "program", N_("Program"), FALSE },
	{ "host", N_("Host"), FALSE }, { "port", N_("Port"), TRUE },
	{ "protocol", N_("Protocol"), FALSE }, { "action", N_("Action"), FALSE },
	{ "flows", N_("Count"), TRUE }, { "bytes-out", N_("Out"), TRUE }, { "bytes-in", N_("In"), TRUE },
};

static gboolean has(GVariant *row, const struct field *field)
{
	g_autoptr(GVariant) value = g_variant_lookup_value(row, field->key, NULL);

	return value != NULL;
}

static char *cell(GVariant *row, const struct field *field)
{
	guint64 number = sp_dict_number(row, field->key);

	if (!strcmp(field->key, "start"))
		return sp_format_time((gint64)number, g_get_real_time());
	if (!strcmp(field->key, "user"))
		return sp_format_owner((guint32)number);
	if (g_str_has_prefix(field->key, "bytes"))
		return sp_format_bytes(number);
	if (field->number)
		return g_strdup_printf("%" G_GUINT64_FORMAT, number);
	return g_strdup(sp_dict_string(row, field->key));
}

/* All rows have the same keys. */
static struct sp_table *make_table(GVariant *first, const struct field **used, gsize *count)
{
	static struct sp_column columns[G_N_ELEMENTS(fields)];	/* as long as the table */

	*count = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(fields); i++) {
		gboolean wide = !strcmp(fields[i].key, "program") || !strcmp(fields[i].key, "host");

		if (!has(first, &fields[i]))
			continue;
		columns[*count] = (struct sp_column){
			.title = _(fields[i].title), .min = wide ? 10 : 0, .elastic = wide,
			.right = fields[i].number,
		};
		used[(*count)++] = &fields[i];
	}
	return sp_table_new(columns, *count);
}

static void show(GVariant *rows)
{
	g_autoptr(GVariant) first = g_variant_get_child_value(rows, 0);
	const struct field *used[G_N_ELEMENTS(fields)];
	g_autofree char *text = NULL;
	struct sp_table *table;
	gsize count;

	table = make_table(first, used, &count);
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		for (gsize j = 0; j < count; j++) {
			g_autofree char *value = cell(row, used[j]);

			sp_table_add(table, value, SP_STYLE_PLAIN);
		}
	}
	text = sp_table_text(table, sp_output_width(), TRUE, sp_output_colour());
	sp_output_put(text);
	sp_table_free(table);
}

static void show_json(GVariant *rows)
{
	for (gsize i = 0; i < g_variant_n_children(rows); i++) {
		g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);

		sp_output_put_json(row);
	}
}

static gboolean run_totals(GError **error)
{
	g_auto(GStrv) by = g_strsplit(by_text ? by_text : "program,action", ",", -1);
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) rows = NULL;
	gint64 seconds, now = g_get_real_time();
	guint step;

	if (!read_step(&step, error) || !read_last(&seconds, error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	rows = sp_call_history_totals(bus, now - seconds * G_USEC_PER_SEC, now + G_USEC_PER_SEC, step,
				      (const char *const *)by, sp_command_sees_all(all), error);
	if (!rows)
		return FALSE;
	if (json)
		show_json(rows);
	else if (g_variant_n_children(rows))
		show(rows);
	else
		sp_output_put(_("Nothing has been recorded.\n"));
	return TRUE;
}

gboolean sp_totals(int argc, char **argv, GError **error)
{
	return sp_command_parse(&totals_usage, &argc, &argv, error) && run_totals(error);
}

gboolean sp_forget(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;

	if (!sp_command_parse(&forget_usage, &argc, &argv, error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return sp_call_history_forget(bus, all, error);
}
