/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport connections: what is open now. */
#include <inttypes.h>
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "error.h"
#include "format.h"
#include "output.h"
#include "password.h"
#include "table.h"
#include "traffic_view.h"

static gboolean json, watch, all;

static const GOptionEntry entries[] = {
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("Of all users, too"), NULL },
	{ "watch", 'w', 0, G_OPTION_ARG_NONE, &watch,
	  N_("Show what each program carries, until interrupted"), NULL },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, a line for each"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "connections",
	.arguments = "[end ID…]",
	.description = N_("Shows the connections of your programs that are open; with “end”, ends those\n"
			  "with these numbers."),
	.entries = entries,
};

static void add_row(struct sp_table *table, GVariant *flow, gint64 now)
{
	g_autofree char *id = g_strdup_printf("%" PRIu64, sp_dict_number(flow, "id"));
	guint64 number = sp_dict_number(flow, "rule");
	g_autofree char *rule = g_strdup_printf("%" PRIu64, number);
	g_autofree char *since = sp_format_time((gint64)sp_dict_number(flow, "since"), now);
	g_autofree char *out = sp_format_bytes(sp_dict_number(flow, "bytes-out"));
	g_autofree char *in = sp_format_bytes(sp_dict_number(flow, "bytes-in"));
	const char *action = sp_dict_string(flow, "action");
	g_autofree char *peer = sp_format_peer(sp_dict_string(flow, "direction"),
					       sp_dict_string(flow, "remote"),
					       (guint)sp_dict_number(flow, "remote-port"),
					       (guint)sp_dict_number(flow, "local-port"));

	sp_table_add(table, id, SP_STYLE_PLAIN);
	sp_table_add(table, action, strcmp(action, "allow") ? SP_STYLE_BAD : SP_STYLE_GOOD);
	sp_table_add(table, sp_format_program(sp_dict_string(flow, "program")), SP_STYLE_PLAIN);
	sp_table_add(table, peer, SP_STYLE_PLAIN);
	sp_table_add(table, sp_dict_string(flow, "protocol"), SP_STYLE_PLAIN);
	sp_table_add(table, number ? rule : "", SP_STYLE_PLAIN);
	sp_table_add(table, since, SP_STYLE_PLAIN);
	sp_table_add(table, out, SP_STYLE_PLAIN);
	sp_table_add(table, in, SP_STYLE_PLAIN);
}

static void show_table(GVariant *flows)
{
	const struct sp_column columns[] = {
		{ .title = _("Id"), .min = 3, .right = TRUE },
		{ .title = _("Action"), .optional = 1 },
		{ .title = _("Program"), .min = 8, .elastic = TRUE },
		{ .title = _("Destination"), .min = 12, .elastic = TRUE },
		{ .title = _("Protocol"), .min = 3, .elastic = TRUE, .optional = 3 },
		{ .title = _("Rule"), .min = 4, .right = TRUE },
		{ .title = _("Since"), .min = 8, .optional = 2 },
		{ .title = _("Out"), .right = TRUE },
		{ .title = _("In"), .right = TRUE },
	};
	struct sp_table *table = sp_table_new(columns, G_N_ELEMENTS(columns));
	g_autofree char *text = NULL;
	gint64 now = g_get_real_time();
	GVariantIter iter;
	GVariant *flow;

	g_variant_iter_init(&iter, flows);
	while ((flow = g_variant_iter_next_value(&iter))) {
		add_row(table, flow, now);
		g_variant_unref(flow);
	}
	text = sp_table_text(table, sp_output_width(), TRUE, sp_output_colour());
	sp_output_put(text);
	sp_table_free(table);
}

static void show_json(GVariant *flows)
{
	GVariantIter iter;
	GVariant *flow;

	g_variant_iter_init(&iter, flows);
	while ((flow = g_variant_iter_next_value(&iter))) {
		sp_output_put_json(flow);
		g_variant_unref(flow);
	}
}

static gboolean show(GDBusConnection *bus, GError **error)
{
	g_autoptr(GVariant) flows = NULL;
	gint64 time;

	if (watch)
		return sp_traffic_view_run(bus, sp_command_sees_all(all), json, error);
	flows = sp_call_flows(bus, sp_command_sees_all(all), &time, error);
	if (!flows)
		return FALSE;
	if (json)
		show_json(flows);
	else if (g_variant_n_children(flows))
		show_table(flows);
	else
		sp_output_put(_("No connection is open.\n"));
	return TRUE;
}

static gboolean read_ids(int argc, char **argv, GArray *ids, GError **error)
{
	if (strcmp(argv[1], "end"))
		return sp_usage_error(error, _("“%s” is not “end”"), argv[1]);
	if (argc < 3)
		return sp_usage_error(error, _("the number of a connection is missing"));
	for (int i = 2; i < argc; i++) {
		guint64 id;

		if (!g_ascii_string_to_unsigned(argv[i], 10, 1, G_MAXUINT64, &id, NULL))
			return sp_usage_error(error, _("“%s” is no number of a connection"), argv[i]);
		g_array_append_val(ids, id);
	}
	return TRUE;
}

/* The daemon forgets numbers after a minute; the person has just seen them. */
static gboolean end(GDBusConnection *bus, const GArray *ids, GError **error)
{
	return sp_call_flows_end(bus, (const guint64 *)(const void *)ids->data, ids->len, error);
}

gboolean sp_connections(int argc, char **argv, GError **error)
{
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_autoptr(GDBusConnection) bus = NULL;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	if (argc > 1 && !read_ids(argc, argv, ids, error))
		return FALSE;
	bus = sp_bus_connect(error);
	if (!bus)
		return FALSE;
	sp_password_start();
	return ids->len ? end(bus, ids, error) : show(bus, error);
}
