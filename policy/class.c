/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classes of addresses, from what is fixed and what the daemon knows about the
 * machine's places: the networks that it is in, and its name servers.
 */
#include <string.h>
#include "class.h"
#include "prefix.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define IPV4(a, b, c, d, length) \
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }, 96 + (length) }

static const struct sp_prefix loopback[] = {
	IPV4(127, 0, 0, 0, 8),
	{ { [15] = 1 }, 128 },
};
static const struct sp_prefix link_local[] = {
	IPV4(169, 254, 0, 0, 16),
	{ { 0xfe, 0x80 }, 10 },
};
static const struct sp_prefix multicast[] = {
	IPV4(224, 0, 0, 0, 4),
	IPV4(255, 255, 255, 255, 32),
	{ { 0xff }, 8 },
};

static const struct {
	const char *word;
	enum sp_remote kind;
} classes[] = {
	{ "resolver", SP_REMOTE_RESOLVER },
	{ "loopback", SP_REMOTE_LOOPBACK },
	{ "lan", SP_REMOTE_LAN },
	{ "multicast", SP_REMOTE_MULTICAST },
	{ "internet", SP_REMOTE_INTERNET },
};

const char *sp_class_word(enum sp_remote kind)
{
	for (size_t i = 0; i < LENGTH(classes); i++)
		if (classes[i].kind == kind)
			return classes[i].word;
	return NULL;
}

bool sp_class_find(const char *word, enum sp_remote *kind)
{
	for (size_t i = 0; i < LENGTH(classes); i++)
		if (!strcmp(classes[i].word, word)) {
			*kind = classes[i].kind;
			return true;
		}
	return false;
}

/* In one of them? If so, *@length is that one's proof; else it grows to prove it. */
static bool within(const struct sp_prefix *prefixes, size_t count,
		   const uint8_t remote[16], uint8_t *length)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t bits;

		if (sp_prefix_match(&prefixes[i], remote, &bits)) {
			*length = bits;
			return true;
		}
		if (bits > *length)
			*length = bits;
	}
	return false;
}

static enum sp_match match_resolver(const struct sp_rule *rule, const uint8_t remote[16],
				    const struct sp_facts *facts, struct sp_look *look)
{
	bool is = facts->places.state == SP_FACT_KNOWN &&
		  within(facts->places.resolver, facts->places.resolver_count,
			 remote, &look->length);

	return sp_match_fact(facts->places.state, rule, is);
}

static enum sp_match match_lan(const struct sp_rule *rule, const uint8_t remote[16],
			       const struct sp_facts *facts, struct sp_look *look)
{
	bool is;

	if (within(link_local, LENGTH(link_local), remote, &look->length))
		return SP_YES;
	is = facts->places.state == SP_FACT_KNOWN &&
	     within(facts->places.lan, facts->places.lan_count, remote, &look->length);
	return sp_match_fact(facts->places.state, rule, is);
}

static enum sp_match match_internet(const struct sp_rule *rule, const uint8_t remote[16],
				    const struct sp_facts *facts, struct sp_look *look)
{
	bool lan;

	if (within(loopback, LENGTH(loopback), remote, &look->length) ||
	    within(multicast, LENGTH(multicast), remote, &look->length) ||
	    within(link_local, LENGTH(link_local), remote, &look->length))
		return SP_NO;
	lan = facts->places.state == SP_FACT_KNOWN &&
	      within(facts->places.lan, facts->places.lan_count, remote, &look->length);
	return sp_match_fact(facts->places.state, rule, !lan);
}

enum sp_match sp_class_match(const struct sp_rule *rule, const uint8_t remote[16],
			     const struct sp_facts *facts, struct sp_look *look)
{
	switch (rule->remote_kind) {
	case SP_REMOTE_RESOLVER:
		return match_resolver(rule, remote, facts, look);
	case SP_REMOTE_LAN:
		return match_lan(rule, remote, facts, look);
	case SP_REMOTE_INTERNET:
		return match_internet(rule, remote, facts, look);
	case SP_REMOTE_LOOPBACK:
		return within(loopback, LENGTH(loopback), remote, &look->length) ? SP_YES : SP_NO;
	case SP_REMOTE_MULTICAST:
		return within(multicast, LENGTH(multicast), remote, &look->length) ? SP_YES : SP_NO;
	case SP_REMOTE_PREFIX:
	case SP_REMOTE_RANGE:
	case SP_REMOTE_HOST:
	case SP_REMOTE_DOMAIN:
	case SP_REMOTE_LIST:
		break;
	}
	return SP_NO;
}
