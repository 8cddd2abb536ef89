/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sallyport rules check: reads files of rules without the daemon, and says what is
 * odd about them; with recorded flows, what these rules would decide else.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n.h>

#include "analyse.h"
#include "command.h"
#include "decide.h"
#include "domain.h"
#include "error.h"
#include "flow_line.h"
#include "output.h"
#include "rule_file.h"
#include "rule_context.h"

#define RULES_FOLDER "/etc/sallyport/rules.d/"

static char *flows_path;
static gboolean json;

static const GOptionEntry entries[] = {
	{ "flows", 'f', 0, G_OPTION_ARG_FILENAME, &flows_path,
	  N_("Decide the flows in FILE by these rules, and show what changes"), N_("FILE") },
	{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Standard input is JSON"), NULL },
	G_OPTION_ENTRY_NULL
};

static const struct sp_usage usage = {
	.command = "rules check",
	.arguments = N_("[FILE | FOLDER | -]…"),
	.description = N_("Reads rules without adding them, and says what is wrong or odd. Without\n"
			  "a file: those of the administrator's files."),
	.entries = entries,
};

static const char *place_of(const GArray *rules, const struct sp_rule *rule)
{
	return rule ? g_array_index(rules, struct sp_read_rule, rule->id - 1).place : "";
}

static void put_finding(const GArray *rules, const struct sp_finding *finding)
{
	const char *place = place_of(rules, finding->rule);
	const char *other = place_of(rules, finding->other);
	g_autofree char *line = NULL;

	switch (finding->kind) {
	case SP_FIND_NEVER:
		line = g_strdup_printf(_("%s: this rule never decides; %s does. For example:\n  %s\n"),
				       place, other, finding->text);
		break;
	case SP_FIND_OUTDATED:
		line = g_strdup_printf(_("%s: %s is newer, about the same, and decides. For example:\n  %s\n"),
				       place, other, finding->text);
		break;
	case SP_FIND_DUPLICATE:
		line = g_strdup_printf(_("%s: %s says the same\n"), place, other);
		break;
	case SP_FIND_DOMAIN:
		line = g_strdup_printf(_("%s: this rule and %zu others would be one:\n  %s\n"), place,
				       finding->count - 1, finding->text);
		break;
	case SP_FIND_UNUSED:
		return;
	}
	sp_output_put(line);
}

static void analyse(const GArray *rules, const struct sp_rule *array)
{
	const struct sp_analyse_options options = { .domain_of = sp_domain_of };
	struct sp_analysis analysis;

	if (!sp_analyse(array, rules->len, &options, &analysis))
		g_error("no memory");
	for (size_t i = 0; i < analysis.count; i++)
		put_finding(rules, &analysis.findings[i]);
	sp_analysis_clear(&analysis);
}

struct replay {
	const GArray *rules;
	const struct sp_snapshot *snapshot;
	guint flows, changed, open;
};

static void judge(struct replay *replay, const struct sp_flow_line *flow, const char *text)
{
	static const char *const words[] = {
		[SP_ALLOW] = "allow", [SP_DENY] = "deny", [SP_DROP] = "drop", [SP_ASK] = "ask",
	};
	const struct sp_rule *rule;
	struct sp_decision decision;
	g_autofree char *line = NULL;

	sp_decide(replay->snapshot, &flow->flow, &flow->facts, g_get_real_time() * 1000, &decision);
	replay->flows++;
	if (decision.need) {
		replay->open++;
		return;
	}
	if (decision.action == flow->action)
		return;
	replay->changed++;
	rule = sp_snapshot_rule(replay->snapshot, decision.rule);
	line = g_strdup_printf(_("%s\n  would be: %s (%s)\n"), text, words[decision.action],
			       rule ? place_of(replay->rules, rule) : _("the default"));
	sp_output_put(line);
}

static gboolean replay_line(struct replay *replay, const char *text, guint number, GError **error)
{
	struct sp_text_error cause;
	struct sp_flow_line flow;
	int result = sp_flow_line_read(text, strlen(text), sp_rule_text_context(SP_SYSTEM),
				       &flow, &cause);

	if (result < 0) {
		g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_INVALID_RULE, "%s:%u:%u: %s",
			    flows_path, number, cause.column, cause.message);
		return FALSE;
	}
	if (result > 0) {
		judge(replay, &flow, text);
		sp_flow_line_clear(&flow);
	}
	return TRUE;
}

static gboolean replay_flows(const GArray *rules, const struct sp_rule *array, GError **error)
{
	static const struct sp_defaults defaults = { SP_ASK, SP_DENY };
	struct sp_snapshot *snapshot = sp_snapshot_new(array, rules->len, &defaults, 1,
						       g_get_real_time() * 1000);
	struct replay replay = { .rules = rules, .snapshot = snapshot };
	g_autofree char *text = NULL, *sum = NULL;
	g_auto(GStrv) lines = NULL;
	gboolean ok = g_file_get_contents(flows_path, &text, NULL, error);

	if (ok)
		lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; ok && lines[i]; i++)
		ok = replay_line(&replay, lines[i], i + 1, error);
	sp_snapshot_unref(snapshot);
	if (!ok)
		return FALSE;
	sum = g_strdup_printf(_("%u flows: %u would be decided else, %u can't be told by what is recorded\n"),
			      replay.flows, replay.changed, replay.open);
	sp_output_put(sum);
	return TRUE;
}

static gboolean check(const char *path, GError **error)
{
	g_autoptr(GArray) rules = sp_rule_file_read(path, SP_SYSTEM, json, error);
	g_autofree struct sp_rule *array = NULL;
	g_autofree char *line = NULL;

	if (!rules)
		return FALSE;
	array = sp_rule_file_array(rules);
	analyse(rules, array);
	line = g_strdup_printf(ngettext("%s: %u rule\n", "%s: %u rules\n", rules->len), path,
			       rules->len);
	sp_output_put(line);
	return !flows_path || replay_flows(rules, array, error);
}

gboolean sp_rules_check(int argc, char **argv, GError **error)
{
	if (!sp_command_parse(&usage, &argc, &argv, error))
		return FALSE;
	if (argc < 2)
		return check(RULES_FOLDER, error);
	for (int i = 1; i < argc; i++)
		if (!check(argv[i], error))
			return FALSE;
	return TRUE;
}
