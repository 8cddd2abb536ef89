/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sallyport explain: what the rules say about a flow, and why. */
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#include "bus.h"
#include "calls.h"
#include "command.h"
#include "error.h"
#include "explain.h"
#include "flow_line.h"
#include "output.h"
#include "password.h"
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
	.arguments = N_("FLOW…"),
	.description = N_("A flow is written like a rule about it alone, with the names that its\n"
			  "address was asked for by:\n"
			  "  sallyport explain out program /usr/bin/curl user alice protocol tcp \\\n"
			  "      to 192.0.2.1 port 443 called www.example.org\n"
			  "What is left out is not known."),
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
		g_string_append_printf(text, _("%s Rule %" G_GUINT64_FORMAT " decides.\n"),
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

static void put_explanation(const GArray *rules, const struct sp_defaults *defaults,
			    const struct sp_flow_line *flow)
{
	g_autofree struct sp_rule *array = sp_rule_file_array(rules);
	struct sp_explanation explanation;

	if (!sp_explain(array, rules->len, defaults, &flow->flow, &flow->facts,
			g_get_real_time() * 1000, &explanation))
		g_error("no memory");
	put_outcome(&explanation.decision);
	for (size_t i = 0; i < explanation.count; i++)
		put_rule(&explanation.rules[i]);
	sp_explanation_clear(&explanation);
}

static gboolean explain(const struct sp_flow_line *flow, GError **error)
{
	g_autoptr(GDBusConnection) bus = sp_bus_connect(error);
	g_autoptr(GVariant) status = NULL;
	g_autoptr(GArray) rules = NULL;
	struct sp_defaults defaults;

	if (!bus)
		return FALSE;
	sp_password_start();
	status = sp_call_status(bus, error);
	if (!status)
		return FALSE;
	rules = sp_rule_file_fetch(bus, sp_command_sees_all(all), error);
	if (!rules)
		return FALSE;
	defaults.out = sp_action_of(sp_dict_string(status, "default-out"), SP_ASK);
	defaults.in = sp_action_of(sp_dict_string(status, "default-in"), SP_DENY);
	put_explanation(rules, &defaults, flow);
	return TRUE;
}

gboolean sp_explain_flow(int argc, char **argv, GError **error)
{
	struct sp_flow_line flow;
	gboolean ok;

	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	if (argc < 2)
		return sp_usage_error(error, _("a flow is missing"));
	if (!read_flow(argv + 1, &flow, error))
		return FALSE;
	ok = explain(&flow, error);
	sp_flow_line_clear(&flow);
	return ok;
}
