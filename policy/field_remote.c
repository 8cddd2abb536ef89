/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * to, from ADDRESS[/LENGTH]: the other end. A longer prefix inside another is
 * narrower; two prefixes never overlap otherwise. IPv4 is ::ffff:a.b.c.d, its
 * lengths are 96 more than what is written.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "field.h"
#include "prefix.h"
#include "text_error.h"

#define IPV4_LENGTH 96

static const uint8_t ipv4_mapped[12] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
};

bool sp_address_is_ipv4(const uint8_t address[16])
{
	return !memcmp(address, ipv4_mapped, sizeof(ipv4_mapped));
}

unsigned sp_prefix_common(const uint8_t a[16], const uint8_t b[16], unsigned length)
{
	for (unsigned i = 0; i < (length + 7) / 8; i++) {
		unsigned bits, differ = a[i] ^ b[i];

		if (!differ)
			continue;
		bits = 8 * i + (unsigned)__builtin_clz(differ << 24);
		return bits < length ? bits : length;
	}
	return length;
}

void sp_prefix_trim(struct sp_prefix *prefix)
{
	for (unsigned bit = prefix->length; bit < 128; bit++)
		prefix->address[bit / 8] &= (uint8_t)~(0x80u >> bit % 8);
}

bool sp_prefix_trimmed(const struct sp_prefix *prefix)
{
	struct sp_prefix trimmed = *prefix;

	sp_prefix_trim(&trimmed);
	return !memcmp(trimmed.address, prefix->address, sizeof(prefix->address));
}

bool sp_prefix_mixed(const struct sp_prefix *prefix)
{
	struct sp_prefix ipv4 = { .length = IPV4_LENGTH };

	memcpy(ipv4.address, ipv4_mapped, sizeof(ipv4_mapped));
	return prefix->length < IPV4_LENGTH &&
	       sp_prefix_common(prefix->address, ipv4.address, prefix->length) == prefix->length;
}

/* "192.0.2.1" or "2001:db8::1" into @address; the length of a whole one, or 0. */
static unsigned parse_address(const char *text, uint8_t address[16])
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return 128;
	memcpy(address, ipv4_mapped, sizeof(ipv4_mapped));
	return inet_pton(AF_INET, text, address + sizeof(ipv4_mapped)) == 1 ? 32 : 0;
}

static bool bits_behind(const struct sp_prefix *prefix, const struct sp_parse *parse)
{
	struct sp_prefix right = *prefix;
	char text[SP_PREFIX_TEXT];

	sp_prefix_trim(&right);
	sp_print_prefix(&right, text);
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

static bool parse_remote(const char *value, const struct sp_parse *parse,
			 struct sp_rule *rule)
{
	char text[INET6_ADDRSTRLEN];
	const char *slash = strchr(value, '/');
	size_t length = slash ? (size_t)(slash - value) : strlen(value);
	struct sp_prefix prefix = { .length = 128 };
	unsigned bits;

	if (length >= sizeof(text))
		return no_address(value, parse);
	memcpy(text, value, length);
	text[length] = '\0';
	bits = parse_address(text, prefix.address);
	if (!bits)
		return no_address(value, parse);
	if (slash && !parse_length(slash + 1, bits, parse, &prefix))
		return false;
	if (!sp_prefix_trimmed(&prefix))
		return bits_behind(&prefix, parse);
	if (sp_prefix_mixed(&prefix))
		return sp_parse_fail(parse, "this prefix has every IPv4 address in it too; for IPv6 alone write longer ones, such as 2000::/3");
	rule->remote = prefix;
	return true;
}

void sp_print_prefix(const struct sp_prefix *prefix, char text[SP_PREFIX_TEXT])
{
	bool ipv4 = prefix->length >= IPV4_LENGTH && sp_address_is_ipv4(prefix->address);
	unsigned length = prefix->length;

	if (ipv4) {
		inet_ntop(AF_INET, prefix->address + sizeof(ipv4_mapped), text, SP_PREFIX_TEXT);
		length -= IPV4_LENGTH;
	} else {
		inet_ntop(AF_INET6, prefix->address, text, SP_PREFIX_TEXT);
	}
	if (prefix->length < 128)
		sprintf(text + strlen(text), "/%u", length);
}

static bool any(const struct sp_rule *rule)
{
	return !rule->remote.length;
}

static void print(const struct sp_rule *rule, sp_user_name_fn user_name,
		  struct sp_buffer *out)
{
	char text[SP_PREFIX_TEXT];

	sp_print_prefix(&rule->remote, text);
	sp_buffer_string(out, text);
}

static uint32_t narrowness(const struct sp_rule *rule)
{
	return rule->remote.length;
}

static enum sp_relation relate(const struct sp_rule *a, const struct sp_rule *b)
{
	const struct sp_prefix *x = &a->remote, *y = &b->remote;
	unsigned shorter = x->length < y->length ? x->length : y->length;

	if (sp_prefix_common(x->address, y->address, shorter) < shorter)
		return SP_DISJOINT;
	if (x->length == y->length)
		return SP_EQUAL;
	return x->length > y->length ? SP_NARROWER : SP_WIDER;
}

static enum sp_match match(const struct sp_rule *rule, const struct sp_flow *flow,
			   const struct sp_facts *facts, struct sp_look *look)
{
	const struct sp_prefix *prefix = &rule->remote;
	unsigned common = sp_prefix_common(prefix->address, flow->remote, prefix->length);

	if (common == prefix->length) {
		look->length = prefix->length;
		return SP_YES;
	}
	look->length = (uint8_t)(common + 1);	/* the first bit that differs */
	return SP_NO;
}

const struct sp_field sp_field_remote = {
	.word = { "to", "from" },
	.wants = "an address",
	.parse = parse_remote,
	.any = any,
	.print = print,
	.narrowness = narrowness,
	.relate = relate,
	.match = match,
	.price = { 4, 4 },
};
