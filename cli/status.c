/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport status: is this machine protected, and by what? */
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "duration.h"
#include "format.h"
#include "mode.h"
#include "output.h"
#include "table.h"
#include "width.h"
#include "words.h"

static gboolean json, verbose;

static const GOptionEntry entries[] = {
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON"), NULL },
	{ "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose,
	  N_("Show counters and tables that are empty, too"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "status",
	.description = N_("Says whether this machine is protected, why if it is not, and what the\n"
			  "firewall counted since it was loaded."),
	.entries = entries,
};

static const struct state {
	const char *name, *sentence;
	enum sp_style style;
} states[] = {
	{ "protecting", N_("Sallyport protects this machine."), SP_STYLE_GOOD },
	{ "degraded", N_("Sallyport protects this machine, but not fully:"), SP_STYLE_WARN },
	{ "no module", N_("Sallyport does not protect this machine: its kernel module is not there."), SP_STYLE_BAD },
	{ "off", N_("Sallyport is off: nothing is judged."), SP_STYLE_BAD },
};

static void append_state(GString *to, GVariant *status)
{
	g_autofree char *name = sp_width_harmless(sp_dict_string(status, "state"));
	g_autofree const char **reasons = NULL;
	g_autofree char *other = g_strdup_printf(_("Sallyport's state is “%s”."), name);
	const char *sentence = other;
	enum sp_style style = SP_STYLE_WARN;

	for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
		if (strcmp(states[i].name, name) == 0) {
			sentence = _(states[i].sentence);
			style = states[i].style;
		}
	sp_style_append(to, sentence, style, sp_output_colour());
	g_string_append_c(to, '\n');
	g_variant_lookup(status, "reasons", "^a&s", &reasons);
	for (gsize i = 0; reasons && reasons[i]; i++) {
		g_autofree char *reason = sp_width_harmless(reasons[i]);

		g_string_append_printf(to, "  - %s\n", reason);
	}
	g_string_append_c(to, '\n');
}

static const char *default_words(const char *action)
{
	if (!strcmp(action, "allow"))
		return _("allowed");
	if (!strcmp(action, "deny"))
		return _("refused");
	if (!strcmp(action, "drop"))
		return _("dropped");
	if (!strcmp(action, "ask"))
		return _("asked about");
	return action;
}

static void fact(struct sp_table *table, const char *name, char *value)
{
	sp_table_add(table, name, SP_STYLE_BOLD);
	sp_table_add(table, value, SP_STYLE_PLAIN);
	g_free(value);
}

static char *count(GVariant *status, const char *key)
{
	return g_strdup_printf("%u", (guint)sp_dict_number(status, key));
}

static char *questions(GVariant *status)
{
	guint waiting = (guint)sp_dict_number(status, "questions");

	if (!waiting)
		return g_strdup(_("none waits"));
	return g_strdup_printf(ngettext("%u waits; “sallyport answer” answers it",
					"%u wait; “sallyport answer” answers them", waiting),
			       waiting);
}

static char *guarded(GVariant *status)
{
	g_autofree char *user = sp_format_owner((guint32)sp_dict_number(status, "guard-user"));
	g_autofree char *end = sp_format_time((gint64)sp_dict_number(status, "guard-deadline"),
					      g_get_real_time());

	return g_strdup_printf(_("%s’s are taken back at %s unless confirmed (“sallyport confirm”)"),
			       user, end);
}

static char *since(GVariant *status)
{
	gint64 now = g_get_real_time(), start = (gint64)sp_dict_number(status, "since");
	g_autofree char *when = sp_format_time(start, now);
	g_autofree char *length = sp_duration_words((now - start) / G_USEC_PER_SEC);

	return start ? g_strdup_printf("%s (%s)", when, length) : g_strdup("");
}

static char *versions(GVariant *status)
{
	const char *module = sp_dict_string(status, "module-version");

	return g_strdup_printf(_("program %s, daemon %s, kernel module %s"), SALLYPORT_VERSION,
			       sp_dict_string(status, "version"), *module ? module : "–");
}

static void append_facts(GString *to, GVariant *status)
{
	static const struct sp_column columns[] = {
		{ .title = "" }, { .title = "", .min = 10, .wraps = TRUE },
	};
	struct sp_table *table = sp_table_new(columns, G_N_ELEMENTS(columns));
	g_autofree char *text = NULL;

	fact(table, _("Mode"), sp_mode_words(status));
	if (sp_dict_number(status, "guard-deadline"))
		fact(table, _("Changes"), guarded(status));
	fact(table, _("New, outbound"), g_strdup_printf(_("%s where no rule matches"),
		default_words(sp_dict_string(status, "default-out"))));
	fact(table, _("New, inbound"), g_strdup_printf(_("%s where no rule matches"),
		default_words(sp_dict_string(status, "default-in"))));
	fact(table, _("Rules"), count(status, "rules"));
	fact(table, _("Questions"), questions(status));
	fact(table, _("Agents"), count(status, "agents"));
	fact(table, _("Running since"), since(status));
	fact(table, _("Versions"), versions(status));
	text = sp_table_text(table, sp_output_width(), FALSE, sp_output_colour());
	g_string_append(to, text);
	sp_table_free(table);
}

/* A heading and a table below it; nothing where the table is empty. */
static void append_section(GString *to, const char *heading, struct sp_table *table)
{
	g_autofree char *text = sp_table_text(table, sp_output_width(), FALSE,
					      sp_output_colour());

	sp_table_free(table);
	if (!*text)
		return;
	g_string_append_c(to, '\n');
	sp_style_append(to, heading, SP_STYLE_BOLD, sp_output_colour());
	g_string_append_printf(to, "\n%s", text);
}

static void append_counters(GString *to, GVariant *counters,
			    enum sp_counter_group group, const char *heading)
{
	static const struct sp_column columns[] = {
		{ .title = "", .min = 12, .right = TRUE }, { .title = "", .min = 15 },
		{ .title = "", .min = 20, .wraps = TRUE },
	};
	struct sp_table *table = sp_table_new(columns, G_N_ELEMENTS(columns));
	GVariantIter iter;
	const char *name;
	guint64 value;

	g_variant_iter_init(&iter, counters);
	while (g_variant_iter_next(&iter, "{&st}", &name, &value)) {
		g_autofree char *number = g_strdup_printf("%" G_GUINT64_FORMAT, value);

		if (sp_words_counter_group(name) != group || (!value && !verbose))
			continue;
		sp_table_add(table, number, SP_STYLE_PLAIN);
		sp_table_add(table, name, SP_STYLE_PLAIN);
		sp_table_add(table, sp_words_counter(name), SP_STYLE_DIM);
	}
	append_section(to, heading, table);
}

/* A table that is nearly full is worth seeing. */
static enum sp_style fill_style(guint32 fill, guint32 size)
{
	return size && (guint64)fill * 10 >= (guint64)size * 9 ?
	       SP_STYLE_WARN : SP_STYLE_PLAIN;
}

static void append_tables(GString *to, GVariant *tables)
{
	static const struct sp_column columns[] = {
		{ .title = "", .min = 12, .right = TRUE }, { .title = "", .min = 15 },
		{ .title = "" },
	};
	struct sp_table *table = sp_table_new(columns, G_N_ELEMENTS(columns));
	guint32 fill, size;
	GVariantIter iter;
	const char *name;

	g_variant_iter_init(&iter, tables);
	while (g_variant_iter_next(&iter, "{&s(uu)}", &name, &fill, &size)) {
		g_autofree char *number = g_strdup_printf("%u", fill);
		g_autofree char *limit = g_strdup_printf(_("of %u"), size);

		if (!fill && !verbose)
			continue;
		sp_table_add(table, number, fill_style(fill, size));
		sp_table_add(table, name, SP_STYLE_PLAIN);
		sp_table_add(table, limit, SP_STYLE_DIM);
	}
	append_section(to, _("Entries in the kernel's tables"), table);
}

static void show(GVariant *status)
{
	g_autoptr(GString) to = g_string_new(NULL);
	g_autoptr(GVariant) counters = g_variant_lookup_value(status, "counters",
							      G_VARIANT_TYPE("a{st}"));
	g_autoptr(GVariant) tables = g_variant_lookup_value(status, "tables",
							    G_VARIANT_TYPE("a{s(uu)}"));

	append_state(to, status);
	append_facts(to, status);
	if (counters) {
		append_counters(to, counters, SP_GROUP_PASSED,
				_("Packets, and how they were decided"));
		append_counters(to, counters, SP_GROUP_REFUSED,
				_("Packets refused or dropped, and why"));
		append_counters(to, counters, SP_GROUP_OTHER, _("Other counters"));
	}
	if (tables)
		append_tables(to, tables);
	sp_output_put(to->str);
}

gboolean sp_status(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) status = NULL;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	status = sp_call_status(bus, error);
	if (!status)
		return FALSE;
	if (json)
		sp_output_put_json(status);
	else
		show(status);
	return TRUE;
}
