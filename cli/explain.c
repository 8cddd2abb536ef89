/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport explain: what the rules say about a flow, and why. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "counting.h"
#include "error.h"
#include "explain.h"
#include "flow_line.h"
#include "format.h"
#include "output.h"
#include "password.h"
#include "record.h"
#include "rule_file.h"
#include "rule_context.h"
#include "rule_text.h"
#include "table.h"

static gboolean all;

static const GOptionEntry entries[] = {
	{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_("By the rules of all users, too"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "explain",
	.arguments = N_("FLOW… | ID"),
	.description = N_("A flow is written like a rule about it alone, with the names that its\n"
			  "address was asked for by:\n"
			  "  sallyport explain out program /usr/bin/curl user alice protocol tcp \\\n"
			  "      to 192.0.2.1 port 443 called www.example.org\n"
			  "What is left out is not known. ID is a record's, the first word of its line\n"
			  "in “sallyport log”; what follows it there may follow."),
	.entries = entries,
};

/* The words as a line of a flow; "ask" stands for "not decided yet". */
static char *flow_text(char **words)
{
	g_autofree char *line = sp_rule_text_join(words);

	if (g_str_has_prefix(line, "out ") || g_str_has_prefix(line, "in "))
		return g_strconcat("ask ", line, NULL);
	return g_steal_pointer(&line);
}

/* --- a record of the log -------------------------------------------------------------- */

static GVariant *find_record(GDBusConnection *bus, guint64 serial, GError **error)
{
	g_autoptr(GVariant) records = sp_call_history_recent(bus, SP_RECENT_MAX,
							    sp_command_sees_all(all), error);

	for (gsize i = 0; records && i < g_variant_n_children(records); i++) {
		g_autoptr(GVariant) record = g_variant_get_child_value(records, i);

		if (sp_dict_number(record, "serial") == serial)
			return g_steal_pointer(&record);
	}
	if (records)
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_NO_SUCH_RULE,
			    _("there is no record %" PRIu64 " any more; see “sallyport log”"),
			    serial);
	return NULL;
}

static void add_word(GPtrArray *words, const char *word, const char *value)
{
	if (!*value)
		return;
	g_ptr_array_add(words, g_strdup(word));
	g_ptr_array_add(words, g_strdup(value));
}

static void add_number(GPtrArray *words, const char *word, guint64 number)
{
	g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, number);

	if (number)
		add_word(words, word, text);
}

static void add_network(GPtrArray *words, GDBusConnection *bus, const char *device)
{
	g_autoptr(GVariant) networks = sp_call_networks(bus, NULL);

	for (gsize i = 0; networks && i < g_variant_n_children(networks); i++) {
		g_autoptr(GVariant) network = g_variant_get_child_value(networks, i);
		g_autofree const char **devices = NULL;

		g_variant_lookup(network, "devices", "^a&s", &devices);
		if (devices && g_strv_contains(devices, device)) {
			add_word(words, "network", sp_dict_string(network, "name"));
			return;
		}
	}
}

/* The words of its flow; what the log does not have is not known. */
static char **words_of(GDBusConnection *bus, GVariant *record)
{
	gboolean in = !strcmp(sp_dict_string(record, "direction"), "in");
	g_autofree char *user = g_strdup_printf("%" G_GUINT64_FORMAT,
						sp_dict_number(record, "user"));
	g_autofree char *program = sp_program_path(sp_dict_string(record, "program"));
	GPtrArray *words = g_ptr_array_new();

	g_ptr_array_add(words, g_strdup(in ? "in" : "out"));
	if (program)
		add_word(words, "program", program);
	add_word(words, "user", user);
	add_word(words, "protocol", sp_dict_string(record, "protocol"));
	add_word(words, in ? "from" : "to", sp_dict_string(record, "remote"));
	add_number(words, in ? "remote-port" : "port", sp_dict_number(record, "remote-port"));
	add_number(words, in ? "port" : "local-port", sp_dict_number(record, "local-port"));
	add_word(words, "interface", sp_dict_string(record, "interface"));
	add_network(words, bus, sp_dict_string(record, "interface"));
	add_word(words, "called", sp_format_sure_host(record));
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

/* --- a flow --------------------------------------------------------------------------- */

static gboolean read_flow(char **words, struct sp_flow_line *flow, GError **error)
{
	g_autofree char *text = flow_text(words);
	struct sp_text_error cause = { .column = 1, .message = "no flow was given" };

	if (sp_flow_line_read(text, strlen(text), sp_rule_text_context(SP_SYSTEM), flow, &cause) > 0)
		return TRUE;
	g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE, "%s\n  %s\n  %*s^",
		    cause.message, text, (int)cause.column - 1, "");
	return FALSE;
}

static const char *outcome(enum sp_action action)
{
	switch (action) {
	case SP_ALLOW:
		return _("It is allowed.");
	case SP_DENY:
		return _("It is refused.");
	case SP_DROP:
		return _("It is dropped silently.");
	case SP_ASK:
		return _("Somebody is asked.");
	}
	g_assert_not_reached();
}

static void put_outcome(const struct sp_decision *decision)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (decision->need) {
		g_string_append(text, _("That depends on:"));
		for (unsigned need = decision->need; need; need &= need - 1)
			g_string_append_printf(text, "%s %s", need == decision->need ? "" : ",",
					       sp_fact_text(need & -need));
		g_string_append(text, ".\n");
	} else if (decision->rule) {
		g_string_append_printf(text, _("%s Rule %" PRIu64 " decides.\n"),
				       outcome(decision->action), decision->rule);
	} else {
		g_string_append_printf(text, _("%s No rule matches; that is the default.\n"),
				       outcome(decision->action));
	}
	sp_output_put(text->str);
}

static void put_rule(const struct sp_explained *explained)
{
	char *rule = sp_text_print(explained->rule, NULL), *why = sp_explained_text(explained);
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_append_printf(text, "\n%" G_GUINT64_FORMAT "  %s\n    ", explained->rule->id,
			       rule ? rule : "");
	sp_style_append(text, why ? why : "", SP_STYLE_DIM, sp_output_colour());
	g_string_append_c(text, '\n');
	sp_output_put(text->str);
	free(rule);
	free(why);
}

/* The daemon knew that it had not seen a look-up: the fact had failed. */
static void take_missed(GVariant *record, struct sp_flow_line *flow)
{
	gboolean missed = FALSE;

	g_variant_lookup(record, "names-missed", "b", &missed);
	if (!missed)
		return;
	flow->facts.names.state = SP_FACT_FAILED;
	sp_output_put(_("A look-up had not been seen then, so the address could have any name: each rule by\n"
			"name that denies or asks counted, and none that allows (sallyport.rules(5)).\n"));
}

/* What the rules do not say; NULL: they say it all. */
static const char *about_mode(const char *mode)
{
	if (!strcmp(mode, "lockdown"))
		return _("In lockdown the rules of the floor alone count, and all else is refused.\n");
	if (!strcmp(mode, "learn"))
		return _("The firewall is learning: it allows what it would ask about. By the rules:\n");
	if (!strcmp(mode, "off"))
		return _("The firewall is off, and refuses nothing. By the rules:\n");
	return NULL;
}

static void put_explanation(const GArray *rules, GVariant *status,
			    const struct sp_flow_line *flow)
{
	g_autofree struct sp_rule *array = sp_rule_file_array(rules);
	struct sp_defaults defaults = sp_rule_defaults(status);
	const char *mode = sp_dict_string(status, "mode"), *about = about_mode(mode);
	gsize count = sp_counting_rules(array, rules->len, mode, &defaults);
	struct sp_explanation explanation;

	if (about)
		sp_output_put(about);
	if (!sp_explain(array, count, &defaults, &flow->flow, &flow->facts,
			g_get_real_time() * 1000, &explanation))
		g_error("no memory");
	put_outcome(&explanation.decision);
	for (size_t i = 0; i < explanation.count; i++)
		put_rule(&explanation.rules[i]);
	sp_explanation_clear(&explanation);
}

static GDBusConnection *connect_to(GError **error)
{
	GDBusConnection *bus = sp_bus_connect(error);

	if (bus)
		sp_password_start();
	return bus;
}

static gboolean explain(GDBusConnection *bus, const struct sp_flow_line *flow, GError **error)
{
	g_autoptr(GVariant) status = NULL;
	g_autoptr(GArray) rules = NULL;

	status = sp_call_status(bus, error);
	if (!status)
		return FALSE;
	rules = sp_rule_file_fetch(bus, sp_command_sees_all(all), error);
	if (!rules)
		return FALSE;
	put_explanation(rules, status, flow);
	return TRUE;
}

static gboolean explain_words(char **words, GError **error)
{
	g_autoptr(GDBusConnection) bus = NULL;
	struct sp_flow_line flow;
	gboolean ok;

	if (!read_flow(words, &flow, error))
		return FALSE;
	bus = connect_to(error);
	ok = bus && explain(bus, &flow, error);
	sp_flow_line_clear(&flow);
	return ok;
}

/* What was decided then, and what the rules say now. */
static gboolean explain_record(guint64 serial, GError **error)
{
	g_autoptr(GDBusConnection) bus = connect_to(error);
	g_autoptr(GVariant) record = bus ? find_record(bus, serial, error) : NULL, list = NULL;
	g_auto(GStrv) words = NULL;
	struct sp_flow_line flow;
	guint64 last = 0;
	gboolean ok;

	if (!record)
		return FALSE;
	words = words_of(bus, record);
	if (!read_flow(words, &flow, error))
		return FALSE;
	list = g_variant_ref_sink(g_variant_new_array(G_VARIANT_TYPE_VARDICT, &record, 1));
	sp_records_show(list, &last, TRUE, FALSE, FALSE);
	sp_output_put("\n");
	take_missed(record, &flow);
	ok = explain(bus, &flow, error);
	sp_flow_line_clear(&flow);
	return ok;
}

gboolean sp_explain_flow(int argc, char **argv, GError **error)
{
	guint64 serial;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	if (argc < 2)
		return sp_usage_error(error, _("a flow is missing"));
	/* No flow begins with a number. */
	if (g_ascii_string_to_unsigned(argv[1], 10, 1, G_MAXUINT64, &serial, NULL))
		return explain_record(serial, error);
	return explain_words(argv + 1, error);
}
