/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields about the running process: parent PATH, a program among its ancestors;
 * traced yes|no; process NUMBER, an instance and its descendants of the same
 * image; cgroup NUMBER. A value is narrower than any.
 */
#include <inttypes.h>
#include <string.h>
#include "field.h"
#include "text_error.h"

static bool parent_any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !rule->parent;
}

static uint32_t parent_narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return !!rule->parent;
}

static enum sp_relation parent_relate(const struct sp_field *field,
				      const struct sp_rule *a, const struct sp_rule *b)
{
	if (a->parent && b->parent && strcmp(a->parent, b->parent))
		return SP_CROSSING;	/* a process has many ancestors */
	return sp_relate_exact(!a->parent, !b->parent, true);
}

static enum sp_match parent_match(const struct sp_field *field, const struct sp_rule *rule,
				  const struct sp_flow *flow, const struct sp_facts *facts,
				  struct sp_look *look)
{
	bool found = false;

	for (size_t i = 0; i < facts->parents.count && !found; i++)
		found = !strcmp(facts->parents.paths[i], rule->parent);
	return sp_match_fact(facts->parents.state, rule, found);
}

static bool traced_parse(const struct sp_field *field, const char *value,
			 const struct sp_parse *parse, struct sp_rule *rule)
{
	char shown[SP_SHOWN];

	if (strcmp(value, "yes") && strcmp(value, "no"))
		return sp_parse_fail(parse, "expected \"yes\" or \"no\", not \"%s\"",
				     sp_text_shown(value, shown));
	rule->traced = *value == 'y' ? SP_TRACED_YES : SP_TRACED_NO;
	return true;
}

static bool traced_any(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->traced == SP_TRACED_ANY;
}

static void traced_print(const struct sp_field *field, const struct sp_rule *rule,
			 sp_user_name_fn user_name, struct sp_buffer *out)
{
	sp_buffer_string(out, rule->traced == SP_TRACED_YES ? "yes" : "no");
}

static const char *traced_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->traced == SP_TRACED_YES || rule->traced == SP_TRACED_NO ? NULL :
	       "traced is yes or no";
}

static uint32_t traced_narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->traced != SP_TRACED_ANY;
}

static enum sp_relation traced_relate(const struct sp_field *field,
				      const struct sp_rule *a, const struct sp_rule *b)
{
	return sp_relate_exact(a->traced == SP_TRACED_ANY, b->traced == SP_TRACED_ANY,
			       a->traced == b->traced);
}

static enum sp_match traced_match(const struct sp_field *field, const struct sp_rule *rule,
				  const struct sp_flow *flow, const struct sp_facts *facts,
				  struct sp_look *look)
{
	return sp_match_fact(facts->traced.state, rule,
			     facts->traced.is == (rule->traced == SP_TRACED_YES));
}

static bool parse_key(const char *value, const struct sp_parse *parse, uint64_t *key)
{
	char shown[SP_SHOWN];

	if (sp_parse_number(value, strlen(value), UINT64_MAX, key) && *key)
		return true;
	return sp_parse_fail(parse, "\"%s\" is no number of a process or cgroup",
			     sp_text_shown(value, shown));
}

static const char *key_fault(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->bound != SP_BOUND_NONE ? NULL :
	       "a rule about one process or cgroup ends with it (\"until quit\")";
}

static bool process_parse(const struct sp_field *field, const char *value,
			  const struct sp_parse *parse, struct sp_rule *rule)
{
	return parse_key(value, parse, &rule->process);
}

static bool process_any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !rule->process;
}

static void process_print(const struct sp_field *field, const struct sp_rule *rule,
			  sp_user_name_fn user_name, struct sp_buffer *out)
{
	sp_buffer_format(out, "%" PRIu64, rule->process);
}

static uint32_t process_narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->process != 0;
}

static enum sp_relation process_relate(const struct sp_field *field,
				       const struct sp_rule *a, const struct sp_rule *b)
{
	if (a->process && b->process && a->process != b->process)
		return SP_CROSSING;	/* one can be in the family of both */
	return sp_relate_exact(!a->process, !b->process, true);
}

static enum sp_match process_match(const struct sp_field *field, const struct sp_rule *rule,
				   const struct sp_flow *flow, const struct sp_facts *facts,
				   struct sp_look *look)
{
	bool found = false;

	if (flow->process == rule->process)
		return SP_YES;
	for (size_t i = 0; i < facts->family.count && !found; i++)
		found = facts->family.processes[i] == rule->process;
	return sp_match_fact(facts->family.state, rule, found);
}

static bool cgroup_parse(const struct sp_field *field, const char *value,
			 const struct sp_parse *parse, struct sp_rule *rule)
{
	return parse_key(value, parse, &rule->cgroup);
}

static bool cgroup_any(const struct sp_field *field, const struct sp_rule *rule)
{
	return !rule->cgroup;
}

static void cgroup_print(const struct sp_field *field, const struct sp_rule *rule,
			 sp_user_name_fn user_name, struct sp_buffer *out)
{
	sp_buffer_format(out, "%" PRIu64, rule->cgroup);
}

static uint32_t cgroup_narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->cgroup != 0;
}

static enum sp_relation cgroup_relate(const struct sp_field *field,
				      const struct sp_rule *a, const struct sp_rule *b)
{
	return sp_relate_exact(!a->cgroup, !b->cgroup, a->cgroup == b->cgroup);
}

static enum sp_match cgroup_match(const struct sp_field *field, const struct sp_rule *rule,
				  const struct sp_flow *flow, const struct sp_facts *facts,
				  struct sp_look *look)
{
	return flow->cgroup == rule->cgroup ? SP_YES : SP_NO;
}

const struct sp_field sp_field_parent = {
	.word = { "parent", "parent" },
	.wants = "the path of a program",
	.parse = sp_text_field_parse,
	.any = parent_any,
	.print = sp_text_field_print,
	.fault = sp_text_field_fault,
	.narrowness = parent_narrowness,
	.relate = parent_relate,
	.match = parent_match,
	.fact = SP_FACT_PARENTS,
	.looked = { SP_LOOKED_PROCESS, SP_LOOKED_PROCESS },
	.price = { 6, 6 },
	.text = offsetof(struct sp_rule, parent),
	.path = true,
};

const struct sp_field sp_field_traced = {
	.word = { "traced", "traced" },
	.wants = "\"yes\" or \"no\"",
	.parse = traced_parse,
	.any = traced_any,
	.print = traced_print,
	.fault = traced_fault,
	.narrowness = traced_narrowness,
	.relate = traced_relate,
	.match = traced_match,
	.fact = SP_FACT_TRACED,
	.looked = { SP_LOOKED_PROCESS, SP_LOOKED_PROCESS },
	.price = { 6, 6 },
};

const struct sp_field sp_field_process = {
	.word = { "process", "process" },
	.wants = "the number of a process instance",
	.parse = process_parse,
	.any = process_any,
	.print = process_print,
	.fault = key_fault,
	.narrowness = process_narrowness,
	.relate = process_relate,
	.match = process_match,
	.fact = SP_FACT_FAMILY,
	.looked = { SP_LOOKED_PROCESS, SP_LOOKED_PROCESS },
	.price = { 6, 6 },
};

const struct sp_field sp_field_cgroup = {
	.word = { "cgroup", "cgroup" },
	.wants = "the number of a cgroup",
	.parse = cgroup_parse,
	.any = cgroup_any,
	.print = cgroup_print,
	.fault = key_fault,
	.narrowness = cgroup_narrowness,
	.relate = cgroup_relate,
	.match = cgroup_match,
	.looked = { SP_LOOKED_CGROUP, SP_LOOKED_CGROUP },
	.price = { 5, 5 },
};
