/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule by rule, as plain.c decides. */
#include <inttypes.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>
#include "action.h"
#include "buffer.h"
#include "explain.h"
#include "precedence.h"

#define _(text) dgettext("sallyport", text)
#define N_(text) text

static const char *const facts_text[] = {
	N_("which program it is"), N_("the interface's name"), N_("the program's hash"),
	N_("the program's package"), N_("the application"), N_("the unit"), N_("the script"),
	N_("the program's ancestors"), N_("whether it is traced"),
	N_("what the process descends from"), N_("the address's names"),
	N_("which networks and name servers the machine has"), N_("which network it is in"),
};

struct subject {
	const struct sp_flow *flow;
	const struct sp_facts *facts;
	int64_t now;
};

static enum sp_match match(const struct subject *subject, const struct sp_rule *rule,
			   unsigned *missing)
{
	const struct sp_look have = { 0, 0 };
	struct sp_look look;

	*missing = 0;
	if (!rule->enabled || sp_rule_expired(rule->expires, subject->now) ||
	    rule->direction != subject->flow->direction)
		return SP_NO;
	return sp_rule_match(rule, sp_rule_fields(rule), subject->flow, subject->facts,
			     &have, &look, missing);
}

static bool collect(const struct sp_rule *rules, size_t count, const struct subject *subject,
		    struct sp_explanation *explanation)
{
	explanation->rules = calloc(count + 1, sizeof(*explanation->rules));
	if (!explanation->rules)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct sp_explained one = { .rule = &rules[i] };
		enum sp_match matches = match(subject, &rules[i], &one.waits);

		if (matches == SP_NO)
			continue;
		one.doubt = matches == SP_DOUBT;
		if (matches == SP_MAYBE)
			one.what = SP_EXPLAIN_WAITS;
		explanation->rules[explanation->count++] = one;
	}
	return true;
}

/* Who decides in its stead without doubt, at the same level; or NULL. */
static const struct sp_rule *hider(const struct sp_explanation *explanation,
				   const struct sp_rule *rule)
{
	for (size_t i = 0; i < explanation->count; i++) {
		const struct sp_explained *other = &explanation->rules[i];

		if (other->what != SP_EXPLAIN_WAITS && !other->doubt &&
		    other->rule->floor == rule->floor && sp_rule_hides(other->rule, rule))
			return other->rule;
	}
	return NULL;
}

static void judge(const struct sp_explanation *explanation, const struct sp_rule *winner,
		  struct sp_explained *one)
{
	if (one->rule == winner)
		return;		/* SP_EXPLAIN_WINS */
	if (winner->floor && !one->rule->floor) {
		one->what = SP_EXPLAIN_FLOOR;
		one->by = winner;
		return;
	}
	one->by = hider(explanation, one->rule);
	if (one->by) {
		one->what = sp_rule_relate(one->by, one->rule) == SP_EQUAL ?
			    SP_EXPLAIN_OLDER : SP_EXPLAIN_HIDDEN;
		return;
	}
	one->by = winner;
	one->what = one->rule->action == winner->action ? SP_EXPLAIN_NOT_WINNING :
		    SP_EXPLAIN_LAXER;
}

static int compare(const void *a, const void *b)
{
	const struct sp_explained *x = a, *y = b;
	unsigned strict_x = sp_action_strictness(x->rule->action);
	unsigned strict_y = sp_action_strictness(y->rule->action);

	if (x->what != y->what)
		return (int)x->what - (int)y->what;
	if (strict_x != strict_y)
		return strict_x > strict_y ? -1 : 1;
	return sp_rule_order(x->rule, y->rule);
}

/* The rule that wins by what is known, whatever is waited for; or NULL. */
static const struct sp_rule *find_winner(const struct sp_explanation *explanation, bool floor)
{
	const struct sp_rule *best = NULL;

	for (size_t i = 0; i < explanation->count; i++) {
		const struct sp_explained *one = &explanation->rules[i];
		const struct sp_rule *rule = one->rule;

		if (one->what == SP_EXPLAIN_WAITS || rule->floor != floor || hider(explanation, rule))
			continue;
		if (!best || sp_action_strictness(rule->action) > sp_action_strictness(best->action) ||
		    (rule->action == best->action && sp_rule_order(rule, best) < 0))
			best = rule;
	}
	return best;
}

bool sp_explain(const struct sp_rule *rules, size_t count,
		const struct sp_defaults *defaults, const struct sp_flow *flow,
		const struct sp_facts *facts, int64_t now,
		struct sp_explanation *explanation)
{
	const struct subject subject = { flow, facts, now };
	const struct sp_rule *winner;

	*explanation = (struct sp_explanation){ 0 };
	if (!collect(rules, count, &subject, explanation))
		return false;
	winner = find_winner(explanation, true);
	if (!winner)
		winner = find_winner(explanation, false);
	for (size_t i = 0; i < explanation->count; i++)
		if (explanation->rules[i].what != SP_EXPLAIN_WAITS)
			judge(explanation, winner, &explanation->rules[i]);
	qsort(explanation->rules, explanation->count, sizeof(*explanation->rules), compare);
	sp_decide_plain(rules, count, defaults, flow, facts, now, &explanation->decision);
	return true;
}

void sp_explanation_clear(struct sp_explanation *explanation)
{
	free(explanation->rules);
	*explanation = (struct sp_explanation){ 0 };
}

const char *sp_fact_text(unsigned fact)
{
	for (size_t i = 0; i < sizeof(facts_text) / sizeof(facts_text[0]); i++)
		if (fact == 1u << i)
			return _(facts_text[i]);
	return NULL;
}

static void add_waits(struct sp_buffer *out, unsigned waits)
{
	const char *between = " ";

	sp_buffer_string(out, _("Whether it matches depends on:"));
	for (; waits; waits &= waits - 1) {
		sp_buffer_string(out, between);
		sp_buffer_string(out, sp_fact_text(waits & -waits));
		between = ", ";
	}
	sp_buffer_string(out, ".");
}

static void add_by(struct sp_buffer *out, const char *phrase, const struct sp_rule *by)
{
	size_t before = strcspn(phrase, "%");

	sp_buffer_add(out, phrase, before);
	sp_buffer_format(out, "%" PRIu64, by->id);
	sp_buffer_string(out, phrase + before + (phrase[before] == '%'));
}

char *sp_explained_text(const struct sp_explained *explained)
{
	struct sp_buffer out = { 0 };

	switch (explained->what) {
	case SP_EXPLAIN_WINS:
		sp_buffer_string(&out, _("It decides."));
		break;
	case SP_EXPLAIN_NOT_WINNING:
		add_by(&out, _("It says the same as rule %, which is named."), explained->by);
		break;
	case SP_EXPLAIN_LAXER:
		add_by(&out, _("Rule % is stricter, and this one is not narrower."), explained->by);
		break;
	case SP_EXPLAIN_HIDDEN:
		add_by(&out, _("Rule % is narrower."), explained->by);
		break;
	case SP_EXPLAIN_OLDER:
		add_by(&out, _("Rule % says something newer about the same."), explained->by);
		break;
	case SP_EXPLAIN_FLOOR:
		add_by(&out, _("Rule % is a floor rule."), explained->by);
		break;
	case SP_EXPLAIN_WAITS:
		add_waits(&out, explained->waits);
		break;
	}
	if (explained->doubt) {
		sp_buffer_string(&out, " ");
		sp_buffer_string(&out, _("It matches in doubt: something is not known, or the program itself says so."));
	}
	return sp_buffer_take(&out);
}
