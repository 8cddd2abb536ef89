/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * to, from: the other end. ADDRESS, ADDRESS/LENGTH, ADDRESS-ADDRESS, the name of
 * a host, "domain" and a name, @LIST, or a class.
 *
 * Which is narrower:
 * - one address is narrower than everything that it is in, or that it has a name
 *   in;
 * - a prefix or range inside another one;
 * - a host than a domain that it is in, and than a list;
 * - a domain beneath another;
 * - resolver than the other classes.
 * Nothing else: a prefix and a name, two lists, a list and a class cross. What a
 * name stands for is said by its owner in the network, so it must not beat what
 * is said about addresses.
 */
#include <string.h>
#include "class.h"
#include "field.h"
#include "host.h"
#include "lists.h"
#include "prefix.h"
#include "text_error.h"

/* Narrowness, by kind; greater than that of all which it can be narrower than. */
#define NARROW_CLASS	100
#define NARROW_RESOLVER	200
#define NARROW_LIST	300
#define NARROW_DOMAIN	400	/* and the length of the name, up to 253 */
#define NARROW_HOST	800
#define NARROW_PREFIX	1000	/* and the length of the prefix */

static bool bits_behind(const struct sp_prefix *prefix, const struct sp_parse *parse)
{
	struct sp_prefix right = *prefix;
	char text[SP_PREFIX_TEXT];

	sp_prefix_trim(&right);
	sp_prefix_print(&right, text);
	return sp_parse_fail(parse, "the address has bits set behind its prefix; write %s", text);
}

static bool parse_length(const char *text, unsigned bits, const struct sp_parse *parse,
			 struct sp_prefix *prefix)
{
	char shown[SP_SHOWN];
	uint64_t length;

	if (!sp_parse_number(text, strlen(text), bits, &length))
		return sp_parse_fail(parse, "\"%s\" is no length of a prefix; expected a number from 0 to %u",
				     sp_text_shown(text, shown), bits);
	prefix->length = (uint8_t)(128 - bits + length);
	return true;
}

static bool no_address(const char *value, const struct sp_parse *parse)
{
	char shown[SP_SHOWN];

	return sp_parse_fail(parse, "\"%s\" is no address; expected one such as 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32",
			     sp_text_shown(value, shown));
}

#define MIXED "has every IPv4 address in it too; for IPv6 alone write longer ones, such as 2000::/3"

static bool parse_prefix(const char *value, const struct sp_parse *parse,
			 struct sp_rule *rule)
{
	const char *slash = strchr(value, '/');
	size_t length = slash ? (size_t)(slash - value) : strlen(value);
	struct sp_prefix prefix = { .length = 128 };
	char address[SP_PREFIX_TEXT];
	unsigned bits;

	if (length >= sizeof(address))
		return no_address(value, parse);
	memcpy(address, value, length);
	address[length] = '\0';
	bits = sp_address_parse(address, prefix.address);
	if (!bits)
		return no_address(value, parse);
	if (slash && !parse_length(slash + 1, bits, parse, &prefix))
		return false;
	if (!sp_prefix_trimmed(&prefix))
		return bits_behind(&prefix, parse);
	if (sp_prefix_mixed(&prefix))
		return sp_parse_fail(parse, "this prefix " MIXED);
	rule->remote = prefix;
	return true;
}

static bool parse_range(const char *value, const char *dash, const struct sp_parse *parse,
			struct sp_rule *rule)
{
	char first[SP_PREFIX_TEXT] = "";
	struct sp_range range;

	if ((size_t)(dash - value) < sizeof(first))
		memcpy(first, value, (size_t)(dash - value));
	if (!sp_address_parse(first, range.first) || !sp_address_parse(dash + 1, range.last))
		return no_address(value, parse);
	if (memcmp(range.first, range.last, sizeof(range.first)) > 0)
		return sp_parse_fail(parse, "the range of addresses ends before it begins");
	if (sp_range_mixed(&range))
		return sp_parse_fail(parse, "this range has IPv4 and IPv6 addresses in it");
	if (sp_range_is_prefix(&range, &rule->remote))
		return true;
	rule->remote_kind = SP_REMOTE_RANGE;
	rule->remote.length = 128;
	memcpy(rule->remote_last, range.last, sizeof(range.last));
	return true;
}

bool sp_looks_like_address(const char *value)
{
	const char *last = strrchr(value, '.');

	if (strpbrk(value, ":/"))
		return true;
	last = last ? last + 1 : value;
	return *last && strspn(last, "0123456789") == strlen(last);
}

bool sp_parse_address(const char *value, const struct sp_parse *parse, struct sp_rule *rule)
{
	const char *dash = strchr(value, '-');

	return dash ? parse_range(value, dash, parse, rule) :
	       parse_prefix(value, parse, rule);
}

static bool parse_name(const char *value, const struct sp_parse *parse,
		       enum sp_remote kind, struct sp_rule *rule)
{
	const char *fault;
	size_t length;

	if (!sp_parse_string(value, parse, &rule->remote_name))
		return false;
	rule->remote_kind = kind;
	if (kind != SP_REMOTE_LIST) {
		length = strlen(rule->remote_name);
		if (length > 1 && rule->remote_name[length - 1] == '.')
			rule->remote_name[length - 1] = '\0';
		sp_host_lower(rule->remote_name);
	}
	fault = kind == SP_REMOTE_LIST ? sp_list_name_fault(rule->remote_name) :
		sp_host_fault(rule->remote_name);
	return !fault || sp_parse_fail(parse, "%s", fault);
}

static bool parse_remote(const struct sp_field *field, const char *value,
			 const struct sp_parse *parse, struct sp_rule *rule)
{
	if (parse->kind)
		return parse_name(value, parse, SP_REMOTE_DOMAIN, rule);
	if (sp_class_find(value, &rule->remote_kind))
		return true;
	if (*value == '@')
		return parse_name(value + 1, parse, SP_REMOTE_LIST, rule);
	if (sp_looks_like_address(value))
		return sp_parse_address(value, parse, rule);
	return parse_name(value, parse, SP_REMOTE_HOST, rule);
}

static void range_of(const struct sp_rule *rule, struct sp_range *range)
{
	if (rule->remote_kind == SP_REMOTE_PREFIX) {
		sp_range_of_prefix(&rule->remote, range);
		return;
	}
	memcpy(range->first, rule->remote.address, sizeof(range->first));
	memcpy(range->last, rule->remote_last, sizeof(range->last));
}

static bool any(const struct sp_field *field, const struct sp_rule *rule)
{
	return rule->remote_kind == SP_REMOTE_PREFIX && !rule->remote.length;
}

static bool is_number(const struct sp_rule *rule)
{
	return rule->remote_kind == SP_REMOTE_PREFIX || rule->remote_kind == SP_REMOTE_RANGE;
}

static bool is_address(const struct sp_rule *rule)
{
	return rule->remote_kind == SP_REMOTE_PREFIX && rule->remote.length == 128;
}

static void print_range(const struct sp_rule *rule, struct sp_buffer *out)
{
	struct sp_prefix end = { .length = 128 };
	char text[SP_PREFIX_TEXT];

	memcpy(end.address, rule->remote.address, sizeof(end.address));
	sp_prefix_print(&end, text);
	sp_buffer_string(out, text);
	sp_buffer_string(out, "-");
	memcpy(end.address, rule->remote_last, sizeof(end.address));
	sp_prefix_print(&end, text);
	sp_buffer_string(out, text);
}

static void print(const struct sp_field *field, const struct sp_rule *rule,
		  sp_user_name_fn user_name, struct sp_buffer *out)
{
	char text[SP_PREFIX_TEXT];

	switch (rule->remote_kind) {
	case SP_REMOTE_PREFIX:
		sp_prefix_print(&rule->remote, text);
		sp_buffer_string(out, text);
		return;
	case SP_REMOTE_RANGE:
		print_range(rule, out);
		return;
	case SP_REMOTE_DOMAIN:
		sp_buffer_string(out, "domain ");
		break;
	case SP_REMOTE_LIST:
		sp_buffer_string(out, "@");
		break;
	case SP_REMOTE_HOST:
		break;
	case SP_REMOTE_RESOLVER:
	case SP_REMOTE_LOOPBACK:
	case SP_REMOTE_LAN:
	case SP_REMOTE_MULTICAST:
	case SP_REMOTE_INTERNET:
		sp_buffer_string(out, sp_class_word(rule->remote_kind));
		return;
	}
	sp_buffer_string(out, rule->remote_name);
}

static const char *prefix_fault(const struct sp_prefix *prefix)
{
	if (prefix->length > 128)
		return "the length of a prefix is at most 128";
	return sp_prefix_mixed(prefix) ? "the prefix has IPv4 and IPv6 addresses in it" : NULL;
}

static const char *range_fault(const struct sp_rule *rule)
{
	struct sp_prefix prefix;
	struct sp_range range;

	range_of(rule, &range);
	if (rule->remote.length != 128 || memcmp(range.first, range.last, 16) > 0)
		return "the range of addresses ends before it begins";
	if (sp_range_mixed(&range))
		return "the range has IPv4 and IPv6 addresses in it";
	return sp_range_is_prefix(&range, &prefix) ? "the range is a prefix" : NULL;
}

static const char *name_fault(const struct sp_rule *rule)
{
	enum sp_remote kind;
	const char *wrong;

	if (!rule->remote_name)
		return "the name of the other end is missing";
	if (rule->remote_kind == SP_REMOTE_LIST)
		return sp_list_name_fault(rule->remote_name);
	wrong = sp_host_fault(rule->remote_name);
	if (!wrong && rule->remote_kind == SP_REMOTE_HOST &&
	    (sp_class_find(rule->remote_name, &kind) || !strcmp(rule->remote_name, "domain")))
		return "this name of a host is a word of the language; write it with a dot";
	return wrong;
}

static const char *fault(const struct sp_field *field, const struct sp_rule *rule)
{
	switch (rule->remote_kind) {
	case SP_REMOTE_PREFIX:
		return prefix_fault(&rule->remote);
	case SP_REMOTE_RANGE:
		return range_fault(rule);
	case SP_REMOTE_HOST:
	case SP_REMOTE_DOMAIN:
	case SP_REMOTE_LIST:
		return name_fault(rule);
	case SP_REMOTE_RESOLVER:
	case SP_REMOTE_LOOPBACK:
	case SP_REMOTE_LAN:
	case SP_REMOTE_MULTICAST:
	case SP_REMOTE_INTERNET:
		return NULL;
	}
	return "there is no such kind of address";
}

static uint32_t narrowness(const struct sp_field *field, const struct sp_rule *rule)
{
	switch (rule->remote_kind) {
	case SP_REMOTE_PREFIX:
		return rule->remote.length ? NARROW_PREFIX + rule->remote.length : 0;
	case SP_REMOTE_RANGE:
		return NARROW_PREFIX + sp_prefix_common(rule->remote.address, rule->remote_last, 128);
	case SP_REMOTE_HOST:
		return NARROW_HOST;
	case SP_REMOTE_DOMAIN:
		return NARROW_DOMAIN + (uint32_t)strlen(rule->remote_name);
	case SP_REMOTE_LIST:
		return NARROW_LIST;
	case SP_REMOTE_RESOLVER:
		return NARROW_RESOLVER;
	case SP_REMOTE_LOOPBACK:
	case SP_REMOTE_LAN:
	case SP_REMOTE_MULTICAST:
	case SP_REMOTE_INTERNET:
		break;
	}
	return NARROW_CLASS;
}

/*
 * A range can have the narrowness of one that it is in. Both have the same, so both are
 * numbers or neither is.
 */
static int order(const struct sp_rule *a, const struct sp_rule *b)
{
	struct sp_range x, y;

	if (!is_number(a))
		return 0;
	range_of(a, &x);
	range_of(b, &y);
	return sp_range_compare_size(&x, &y);
}

static enum sp_relation relate_ranges(const struct sp_range *a, const struct sp_range *b)
{
	int first = memcmp(a->first, b->first, 16), last = memcmp(a->last, b->last, 16);

	if (!first && !last)
		return SP_EQUAL;
	if (memcmp(a->last, b->first, 16) < 0 || memcmp(b->last, a->first, 16) < 0)
		return SP_DISJOINT;
	if (first >= 0 && last <= 0)
		return SP_NARROWER;
	return first <= 0 && last >= 0 ? SP_WIDER : SP_CROSSING;
}

static enum sp_relation relate_numbers(const struct sp_rule *a, const struct sp_rule *b)
{
	const struct sp_prefix *x = &a->remote, *y = &b->remote;
	unsigned shorter = x->length < y->length ? x->length : y->length;
	struct sp_range range[2];

	if (a->remote_kind == SP_REMOTE_RANGE || b->remote_kind == SP_REMOTE_RANGE) {
		range_of(a, &range[0]);
		range_of(b, &range[1]);
		return relate_ranges(&range[0], &range[1]);
	}
	if (sp_prefix_common(x->address, y->address, shorter) < shorter)
		return SP_DISJOINT;
	if (x->length == y->length)
		return SP_EQUAL;
	return x->length > y->length ? SP_NARROWER : SP_WIDER;
}

/* Is @a, which is no prefix or range, narrower than @b, which is none either? */
static bool is_narrower(const struct sp_rule *a, const struct sp_rule *b)
{
	switch (a->remote_kind) {
	case SP_REMOTE_HOST:
		if (b->remote_kind == SP_REMOTE_LIST)
			return true;
		return b->remote_kind == SP_REMOTE_DOMAIN &&
		       sp_host_within(a->remote_name, b->remote_name);
	case SP_REMOTE_DOMAIN:
		return b->remote_kind == SP_REMOTE_DOMAIN &&
		       sp_host_within(a->remote_name, b->remote_name);
	case SP_REMOTE_RESOLVER:
		return b->remote_kind > SP_REMOTE_RESOLVER;
	case SP_REMOTE_PREFIX:
	case SP_REMOTE_RANGE:
	case SP_REMOTE_LIST:
	case SP_REMOTE_LOOPBACK:
	case SP_REMOTE_LAN:
	case SP_REMOTE_MULTICAST:
	case SP_REMOTE_INTERNET:
		break;
	}
	return false;
}

static enum sp_relation relate(const struct sp_field *field,
			       const struct sp_rule *a, const struct sp_rule *b)
{
	if (is_number(a) && is_number(b))
		return relate_numbers(a, b);
	if (is_address(a) || any(field, b))
		return SP_NARROWER;
	if (is_address(b) || any(field, a))
		return SP_WIDER;
	if (is_number(a) || is_number(b))
		return SP_CROSSING;
	if (a->remote_kind == b->remote_kind &&
	    (!a->remote_name || !strcmp(a->remote_name, b->remote_name)))
		return SP_EQUAL;
	if (is_narrower(a, b))
		return SP_NARROWER;
	return is_narrower(b, a) ? SP_WIDER : SP_CROSSING;
}

static bool name_matches(const struct sp_rule *rule, const char *name)
{
	if (rule->remote_kind == SP_REMOTE_HOST)
		return !strcmp(name, rule->remote_name);
	if (rule->remote_kind == SP_REMOTE_DOMAIN)
		return sp_host_within(name, rule->remote_name);
	return sp_list_has_name(rule->list, name);
}

static bool some_match(const struct sp_rule *rule, const struct sp_facts *facts,
		       size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		if (name_matches(rule, facts->names.names[i]))
			return true;
	return false;
}

static enum sp_match match_names(const struct sp_rule *rule, const struct sp_facts *facts,
				 struct sp_look *look)
{
	size_t count = facts->names.count, sure = count - facts->names.doubtful;
	bool found = some_match(rule, facts, 0, sure);

	look->length = 128;
	look->fields |= SP_LOOKED_NAMES;
	if (!found && some_match(rule, facts, sure, count))
		return sp_match_fact(SP_FACT_FAILED, rule, false);
	return sp_match_fact(facts->names.state, rule, found);
}

static enum sp_match match_list(const struct sp_rule *rule, const struct sp_flow *flow,
				const struct sp_facts *facts, struct sp_look *look)
{
	if (!rule->list)
		return sp_match_fact(SP_FACT_FAILED, rule, false);
	if (sp_list_has_address(rule->list, flow->remote, &look->length))
		return SP_YES;
	return sp_list_names(rule->list) ? match_names(rule, facts, look) : SP_NO;
}

static enum sp_match match_range(const struct sp_rule *rule, const struct sp_flow *flow,
				 struct sp_look *look)
{
	struct sp_range range;

	range_of(rule, &range);
	return sp_range_match(&range, flow->remote, &look->length) ? SP_YES : SP_NO;
}

static enum sp_match match(const struct sp_field *field, const struct sp_rule *rule,
			   const struct sp_flow *flow, const struct sp_facts *facts,
			   struct sp_look *look)
{
	switch (rule->remote_kind) {
	case SP_REMOTE_PREFIX:
		return sp_prefix_match(&rule->remote, flow->remote, &look->length) ?
		       SP_YES : SP_NO;
	case SP_REMOTE_RANGE:
		return match_range(rule, flow, look);
	case SP_REMOTE_HOST:
	case SP_REMOTE_DOMAIN:
		return match_names(rule, facts, look);
	case SP_REMOTE_LIST:
		return match_list(rule, flow, facts, look);
	case SP_REMOTE_RESOLVER:
	case SP_REMOTE_LOOPBACK:
	case SP_REMOTE_LAN:
	case SP_REMOTE_MULTICAST:
	case SP_REMOTE_INTERNET:
		break;
	}
	return sp_class_match(rule, flow->remote, facts, look);
}

static unsigned fact_of(const struct sp_rule *rule)
{
	switch (rule->remote_kind) {
	case SP_REMOTE_HOST:
	case SP_REMOTE_DOMAIN:
	case SP_REMOTE_LIST:
		return SP_FACT_NAMES;
	case SP_REMOTE_RESOLVER:
	case SP_REMOTE_LAN:
	case SP_REMOTE_INTERNET:
		return SP_FACT_PLACES;
	case SP_REMOTE_PREFIX:
	case SP_REMOTE_RANGE:
	case SP_REMOTE_LOOPBACK:
	case SP_REMOTE_MULTICAST:
		break;
	}
	return 0;
}

const struct sp_field sp_field_remote = {
	.word = { "to", "from" },
	.kind = "domain",
	.wants = "an address, a name, a list or a class",
	.parse = parse_remote,
	.any = any,
	.print = print,
	.fault = fault,
	.narrowness = narrowness,
	.order = order,
	.relate = relate,
	.match = match,
	.fact_of = fact_of,
	.price = { 4, 4 },
};
