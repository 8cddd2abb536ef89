/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See replay.h. A record is read as a line of a flow (flow_line.h). What was not recorded
 * (package, unit, what is near) is not known; a flow whose decision hangs on it can't be
 * told, and is counted as that.
 */
#include "replay.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "draft.h"
#include "flow_line.h"
#include "format.h"

/* How recorded flows would be decided otherwise. */
struct tally {
	guint all, unsure;
	guint to[SP_ASK + 1];		/* by the new action */
	char *example[SP_ASK + 1];	/* the latest of them */
};

/* One record for each flow, or for some that are alike: the one that says what became of it. */
static gboolean is_decision(GVariant *record)
{
	const char *event = sp_dict_string(record, "event");

	return strcmp(event, "asked") != 0 && strcmp(event, "ended") != 0;
}

static char *line_of(GVariant *record)
{
	gboolean in = strcmp(sp_dict_string(record, "direction"), "in") == 0;
	guint remote = (guint)sp_dict_number(record, "remote-port");
	guint local = (guint)sp_dict_number(record, "local-port");
	struct sp_draft *draft = sp_draft_new(SP_SYSTEM);
	g_autofree char *port = g_strdup_printf("%u", in ? local : remote), *text = NULL;
	const char *host = sp_format_sure_host(record);
	GString *line;

	draft->direction = in ? SP_IN : SP_OUT;
	sp_draft_set(draft, SP_DRAFT_PROGRAM, sp_dict_string(record, "program"));
	sp_draft_set(draft, SP_DRAFT_PROTOCOL, sp_dict_string(record, "protocol"));
	sp_draft_set(draft, SP_DRAFT_REMOTE, sp_dict_string(record, "remote"));
	sp_draft_set(draft, SP_DRAFT_PORT, remote || local ? port : "");
	text = sp_draft_text(draft);
	sp_draft_free(draft);
	line = g_string_new(text);
	g_string_append_printf(line, " user %u", (guint)sp_dict_number(record, "user"));
	if (*sp_dict_string(record, "interface"))
		g_string_append_printf(line, " interface %s", sp_dict_string(record, "interface"));
	if (*host)
		g_string_append_printf(line, " called %s", host);
	return g_string_free(line, FALSE);
}

static char *name_of(GVariant *record)
{
	const char *host = sp_dict_string(record, "host");

	return sp_format_flow(sp_format_program(sp_dict_string(record, "program")),
			      sp_dict_string(record, "direction"),
			      *host ? host : sp_dict_string(record, "remote"),
			      (guint)sp_dict_number(record, "remote-port"),
			      (guint)sp_dict_number(record, "local-port"));
}

static void judge(struct tally *tally, GVariant *record, const struct sp_snapshot *before,
		  const struct sp_snapshot *after, gint64 now)
{
	static const struct sp_text_context context = { .owner = SP_SYSTEM };
	g_autofree char *text = line_of(record);
	guint flows = MAX(1, (guint)sp_dict_number(record, "flows"));
	struct sp_decision was, is;
	struct sp_flow_line line;
	struct sp_text_error ignored;

	if (sp_flow_line_read(text, strlen(text), &context, &line, &ignored) != 1)
		return;
	line.facts.names.state = SP_FACT_KNOWN;		/* those that are recorded, or none */
	sp_decide(before, &line.flow, &line.facts, now, &was);
	sp_decide(after, &line.flow, &line.facts, now, &is);
	sp_flow_line_clear(&line);
	tally->all += flows;
	if (was.need || is.need) {
		tally->unsure += is.rule != was.rule || is.need != was.need ? flows : 0;
	} else if (is.action != was.action) {
		tally->to[is.action] += flows;
		g_free(tally->example[is.action]);
		tally->example[is.action] = name_of(record);
	}
}

static void add(GString *text, const char *phrase, const struct tally *tally, enum sp_action action)
{
	g_autoptr(GString) line = g_string_new(phrase);
	g_autofree char *count = g_strdup_printf("%u", tally->to[action]);
	g_autofree char *all = g_strdup_printf("%u", tally->all);

	if (!tally->to[action])
		return;
	g_string_replace(line, "{1}", count, 1);
	g_string_replace(line, "{2}", all, 1);
	g_string_replace(line, "{3}", tally->example[action], 1);
	g_string_append_printf(text, "%s%s", text->len ? "\n" : "", line->str);
}

static char *words_of(const struct tally *tally)
{
	GString *text = g_string_new(NULL);

	/* TRANSLATORS: {1}, {2}: numbers; {3}: one of them, "curl → 192.0.2.1 port 443" */
	add(text, _("Of the last {2} recorded connections {1} would be allowed, such as {3}"), tally,
	    SP_ALLOW);
	add(text, _("Of the last {2} recorded connections {1} would be refused, such as {3}"), tally,
	    SP_DENY);
	add(text, _("Of the last {2} recorded connections {1} would be dropped, such as {3}"), tally,
	    SP_DROP);
	add(text, _("Of the last {2} recorded connections {1} would be asked about, such as {3}"), tally,
	    SP_ASK);
	if (!text->len && !tally->unsure)
		g_string_append_printf(text, ngettext(
			"The %u recorded connection would be decided as before",
			"All of the last %u recorded connections would be decided as before",
			tally->all), tally->all);
	if (tally->unsure)
		g_string_append_printf(text, ngettext(
			"%s%u can’t be told: it hangs on what is not recorded",
			"%s%u can’t be told: they hang on what is not recorded", tally->unsure),
			text->len ? "\n" : "", tally->unsure);
	return g_string_free(text, FALSE);
}

static struct sp_snapshot *compile(const struct sp_rule_set_of *set,
				   const struct sp_defaults *defaults, gint64 now)
{
	struct sp_snapshot *snapshot = sp_snapshot_new(set->rules, set->count, defaults, 1, now);

	if (!snapshot)
		g_error("no memory");
	return snapshot;
}

char *sp_replay_words(GVariant *records, const struct sp_defaults *defaults,
		      const struct sp_rule_set_of *before, const struct sp_rule_set_of *after)
{
	gint64 now = g_get_real_time() * 1000;
	struct sp_snapshot *old = compile(before, defaults, now), *new = compile(after, defaults, now);
	struct tally tally = { 0 };
	char *words;

	for (gsize i = 0; i < g_variant_n_children(records); i++) {
		g_autoptr(GVariant) record = g_variant_get_child_value(records, i);

		if (is_decision(record))
			judge(&tally, record, old, new, now);
	}
	sp_snapshot_unref(old);
	sp_snapshot_unref(new);
	words = tally.all ? words_of(&tally) : NULL;
	for (guint i = 0; i < G_N_ELEMENTS(tally.example); i++)
		g_free(tally.example[i]);
	return words;
}
