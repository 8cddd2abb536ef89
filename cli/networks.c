/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport networks: which ones the machine is in, and what they are called. */
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "error.h"
#include "guard.h"
#include "output.h"
#include "password.h"
#include "table.h"

static gboolean json;

static const GOptionEntry list_entries[] = {
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Write JSON, a line for each network"), NULL },
	G_OPTION_ENTRY_NULL
};

static const GOptionEntry guarded_entries[] = {
	SP_GUARD_ENTRY,
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage list_usage = {
	.command = "networks list",
	.description = N_("Shows the networks that this machine is in, and others that have a name."),
	.entries = list_entries,
};

static const struct sp_usage name_usage = {
	.command = "networks name",
	.arguments = N_("NETWORK NAME"),
	.description = N_("Gives a network a name: home, public, vpn or another one. Rules with\n"
			  "“network NAME” hold there from now on. NETWORK is its device, its name\n"
			  "until now, or what it is known by."),
	.entries = guarded_entries,
};

static const struct sp_usage forget_usage = {
	.command = "networks forget",
	.arguments = N_("NETWORK"),
	.description = N_("Takes a network's name away: no rule with a network allows anything there."),
	.entries = guarded_entries,
};

static const struct sp_usage ignore_usage = {
	.command = "networks ignore",
	.arguments = N_("NETWORK"),
	.description = N_("Leaves a network without a name, and is not asked about it any more."),
};

/* --- which one ----------------------------------------------------------------------- */

static gboolean has_device(GVariant *network, const char *device)
{
	g_autofree const char **devices = NULL;

	g_variant_lookup(network, "devices", "^a&s", &devices);
	for (gsize i = 0; devices && devices[i]; i++)
		if (!strcmp(devices[i], device))
			return TRUE;
	return FALSE;
}

/* How surely the word means it: a device leads to one network, a name may be several's. */
static guint match(GVariant *network, const char *word)
{
	if (!strcmp(sp_dict_string(network, "id"), word))
		return 4;
	if (has_device(network, word))
		return 3;
	if (!strcmp(sp_dict_string(network, "name"), word))
		return 2;
	return !strcmp(sp_dict_string(network, "title"), word);
}

static gboolean is_nameable(GVariant *network, const char *word, GError **error)
{
	if (*sp_dict_string(network, "id"))
		return TRUE;
	g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NO_SUCH_NETWORK,
		    _("nothing is known yet of the network that “%s” leads to; try again, or see "
		      "“ip route”"), word);
	return FALSE;
}

/* The only one that the word means. */
static GVariant *find(GDBusConnection *bus, const char *word, GError **error)
{
	g_autoptr(GVariant) networks = sp_call_networks(bus, error), found = NULL;
	guint best = 0, many = 0;

	for (gsize i = 0; networks && i < g_variant_n_children(networks); i++) {
		g_autoptr(GVariant) one = g_variant_get_child_value(networks, i);
		guint how = match(one, word);

		if (how && how == best)
			many++;
		if (how <= best)
			continue;
		best = how;
		many = 1;
		g_clear_pointer(&found, g_variant_unref);
		found = g_steal_pointer(&one);
	}
	if (!networks)
		return NULL;
	if (many > 1) {
		sp_usage_error(error, _("“%s” means several networks; say which, by what it is known by"),
			       word);
		return NULL;
	}
	if (!found) {
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NO_SUCH_NETWORK,
			    _("there is no network “%s”; “sallyport networks” shows them"), word);
		return NULL;
	}
	return is_nameable(found, word, error) ? g_steal_pointer(&found) : NULL;
}

/* --- list ---------------------------------------------------------------------------- */

static const struct sp_column columns[] = {
	{ .title = N_("NAME"), .min = 8 },
	{ .title = N_("LOOKS LIKE"), .min = 10, .elastic = TRUE },
	{ .title = N_("THROUGH"), .min = 7, .elastic = TRUE },
	{ .title = N_("KNOWN BY"), .min = 20, .elastic = TRUE },
};

static char *devices_of(GVariant *network)
{
	g_autofree const char **devices = NULL;

	g_variant_lookup(network, "devices", "^a&s", &devices);
	return devices ? g_strjoinv(", ", (char **)devices) : g_strdup("");
}

static void add_network(struct sp_table *table, GVariant *network)
{
	const char *name = sp_dict_string(network, "name"), *id = sp_dict_string(network, "id");
	g_autofree char *devices = devices_of(network);

	sp_table_add(table, *name ? name : "–", *name && *devices ? SP_STYLE_GOOD : SP_STYLE_PLAIN);
	sp_table_add(table, sp_dict_string(network, "title"), SP_STYLE_PLAIN);
	sp_table_add(table, *devices ? devices : "–", SP_STYLE_PLAIN);
	sp_table_add(table, *id ? id : _("nothing yet"), SP_STYLE_DIM);
}

/* The first one that somebody should name. */
static void put_question(GVariant *networks)
{
	for (gsize i = 0; i < g_variant_n_children(networks); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(networks, i);
		g_autofree char *text = NULL;
		g_autofree const char **devices = NULL;

		if (!sp_dict_flag(network, "asks"))
			continue;
		g_variant_lookup(network, "devices", "^a&s", &devices);
		text = g_strdup_printf(
			_("\nWhich network is “%s”? Say so with: sallyport networks name %s home\n"
			  "(or public, vpn, another name; or: sallyport networks ignore %s)\n"),
			sp_dict_string(network, "title"), devices[0], devices[0]);
		sp_output_put(text);
		return;
	}
}

static void show(GVariant *networks)
{
	struct sp_column translated[G_N_ELEMENTS(columns)];
	struct sp_table *table;
	g_autofree char *text = NULL;

	memcpy(translated, columns, sizeof(columns));
	for (gsize i = 0; i < G_N_ELEMENTS(columns); i++)
		translated[i].title = _(columns[i].title);
	table = sp_table_new(translated, G_N_ELEMENTS(columns));
	for (gsize i = 0; i < g_variant_n_children(networks); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(networks, i);

		add_network(table, network);
	}
	text = sp_table_text(table, sp_output_width(), TRUE, sp_output_colour());
	sp_output_put(text);
	sp_table_free(table);
	put_question(networks);
}

static void show_json(GVariant *networks)
{
	for (gsize i = 0; i < g_variant_n_children(networks); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(networks, i);

		if (!sp_output_put_json(network))
			break;
	}
}

static GDBusConnection *connect_to(GError **error)
{
	GDBusConnection *bus = sp_bus_connect(error);

	if (bus)
		sp_password_start();
	return bus;
}

static gboolean list(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) networks = NULL;

	if (!sp_command_parse(&list_usage, &argc, &argv, error))
		return FALSE;
	bus = connect_to(error);
	networks = bus ? sp_call_networks(bus, error) : NULL;
	if (!networks)
		return FALSE;
	if (json)
		show_json(networks);
	else if (g_variant_n_children(networks))
		show(networks);
	else
		sp_output_put(_("The machine is in no network.\n"));
	return TRUE;
}

/* --- names --------------------------------------------------------------------------- */

static gboolean parse(const struct sp_usage *usage, int *argc, char ***argv, int wanted,
		      GError **error)
{
	if (!sp_command_parse(usage, argc, argv, error))
		return FALSE;
	if (*argc > wanted)
		return sp_usage_error(error, _("“%s” is one argument too many"), (*argv)[wanted]);
	if (*argc < 2)
		return sp_usage_error(error, _("a network is missing"));
	return *argc == wanted || sp_usage_error(error, _("a name is missing"));
}

static gboolean begin_guarded(GDBusConnection *bus, GVariant *network, const char *name,
			      GError **error)
{
	const struct sp_guarded change = { .network = network, .network_name = name };

	return sp_guard_begin(bus, &change, error);
}

static gboolean name(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) network = NULL;

	if (!parse(&name_usage, &argc, &argv, 3, error) || !sp_guard_check(error))
		return FALSE;
	bus = connect_to(error);
	network = bus ? find(bus, argv[1], error) : NULL;
	return network && begin_guarded(bus, network, argv[2], error) &&
	       sp_call_network_name(bus, sp_dict_string(network, "id"), argv[2], error);
}

static gboolean forget(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) network = NULL;

	if (!parse(&forget_usage, &argc, &argv, 2, error) || !sp_guard_check(error))
		return FALSE;
	bus = connect_to(error);
	network = bus ? find(bus, argv[1], error) : NULL;
	return network && begin_guarded(bus, network, "", error) &&
	       sp_call_network(bus, "Forget", sp_dict_string(network, "id"), error);
}

static gboolean ignore(int argc, char **argv, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	g_autoptr(GVariant) network = NULL;

	if (!parse(&ignore_usage, &argc, &argv, 2, error))
		return FALSE;
	bus = connect_to(error);
	network = bus ? find(bus, argv[1], error) : NULL;
	return network && sp_call_network(bus, "Ignore", sp_dict_string(network, "id"), error);
}

static const struct sp_command commands[] = {
	{ "list", N_("Show the networks"), list },
	{ "name", N_("Give one a name"), name },
	{ "forget", N_("Take its name away"), forget },
	{ "ignore", N_("Leave it without a name"), ignore },
	{ NULL, NULL, NULL },
};

/* Without a command: the list. */
gboolean sp_networks(int argc, char **argv, GError **error)
{
	if (argc < 2 || (argv[1][0] == '-' && strcmp(argv[1], "--help") && strcmp(argv[1], "-h")))
		return list(argc, argv, error);
	return sp_command_run("sallyport networks", commands, argc, argv, error);
}
