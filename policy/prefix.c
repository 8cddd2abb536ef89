/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prefixes and ranges of addresses. IPv4 is ::ffff:a.b.c.d, its lengths are 96
 * more than what is written.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "prefix.h"

#define IPV4_LENGTH 96

static const struct sp_prefix ipv4 = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, IPV4_LENGTH
};

bool sp_address_is_ipv4(const uint8_t address[16])
{
	return !memcmp(address, ipv4.address, IPV4_LENGTH / 8);
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

/* Sets the bits behind @length to @value, 0x00 or 0xff. */
static void fill_behind(uint8_t address[16], unsigned length, uint8_t value)
{
	for (unsigned byte = length / 8; byte < 16; byte++) {
		unsigned bits = byte == length / 8 ? length % 8 : 0;
		uint8_t mask = (uint8_t)(0xff >> bits);

		address[byte] = (uint8_t)((address[byte] & ~mask) | (value & mask));
	}
}

void sp_prefix_trim(struct sp_prefix *prefix)
{
	fill_behind(prefix->address, prefix->length, 0);
}

bool sp_prefix_trimmed(const struct sp_prefix *prefix)
{
	struct sp_prefix trimmed = *prefix;

	sp_prefix_trim(&trimmed);
	return !memcmp(trimmed.address, prefix->address, sizeof(prefix->address));
}

bool sp_prefix_mixed(const struct sp_prefix *prefix)
{
	return prefix->length < IPV4_LENGTH &&
	       sp_prefix_common(prefix->address, ipv4.address, prefix->length) == prefix->length;
}

bool sp_prefix_match(const struct sp_prefix *prefix, const uint8_t address[16],
		     uint8_t *length)
{
	unsigned common = sp_prefix_common(prefix->address, address, prefix->length);

	*length = prefix->length;
	if (common == prefix->length)
		return true;
	*length = (uint8_t)(common + 1);	/* the first bit that differs */
	return false;
}

unsigned sp_address_parse(const char *text, uint8_t address[16])
{
	if (inet_pton(AF_INET6, text, address) == 1)
		return 128;
	memcpy(address, ipv4.address, IPV4_LENGTH / 8);
	return inet_pton(AF_INET, text, address + IPV4_LENGTH / 8) == 1 ? 32 : 0;
}

void sp_prefix_print(const struct sp_prefix *prefix, char text[SP_PREFIX_TEXT])
{
	bool four = prefix->length >= IPV4_LENGTH && sp_address_is_ipv4(prefix->address);
	unsigned length = prefix->length;

	if (four) {
		inet_ntop(AF_INET, prefix->address + IPV4_LENGTH / 8, text, SP_PREFIX_TEXT);
		length -= IPV4_LENGTH;
	} else {
		inet_ntop(AF_INET6, prefix->address, text, SP_PREFIX_TEXT);
	}
	if (prefix->length < 128)
		sprintf(text + strlen(text), "/%u", length);
}

void sp_range_of_prefix(const struct sp_prefix *prefix, struct sp_range *range)
{
	memcpy(range->first, prefix->address, sizeof(range->first));
	memcpy(range->last, prefix->address, sizeof(range->last));
	fill_behind(range->last, prefix->length, 0xff);
}

bool sp_range_is_prefix(const struct sp_range *range, struct sp_prefix *prefix)
{
	struct sp_range whole;

	memcpy(prefix->address, range->first, sizeof(prefix->address));
	prefix->length = (uint8_t)sp_prefix_common(range->first, range->last, 128);
	if (!sp_prefix_trimmed(prefix))
		return false;
	sp_range_of_prefix(prefix, &whole);
	return !memcmp(whole.last, range->last, sizeof(whole.last));
}

bool sp_range_mixed(const struct sp_range *range)
{
	struct sp_range four;
	bool first = sp_address_is_ipv4(range->first), last = sp_address_is_ipv4(range->last);

	sp_range_of_prefix(&ipv4, &four);
	return first != last || (!first && memcmp(range->first, four.first, 16) < 0 &&
				 memcmp(range->last, four.last, 16) > 0);
}

static void size(const struct sp_range *range, uint8_t difference[16])
{
	int borrow = 0;

	for (int i = 15; i >= 0; i--) {
		int digit = range->last[i] - range->first[i] - borrow;

		borrow = digit < 0;
		difference[i] = (uint8_t)(digit + 256 * borrow);
	}
}

int sp_range_compare_size(const struct sp_range *a, const struct sp_range *b)
{
	uint8_t x[16], y[16];

	size(a, x);
	size(b, y);
	return memcmp(x, y, sizeof(x));
}

/* All addresses that share the first @length bits with @address. */
static void block(const uint8_t address[16], unsigned length, struct sp_range *range)
{
	struct sp_prefix prefix = { .length = (uint8_t)length };

	memcpy(prefix.address, address, sizeof(prefix.address));
	sp_prefix_trim(&prefix);
	sp_range_of_prefix(&prefix, range);
}

static bool inside(const struct sp_range *a, const struct sp_range *b)
{
	return memcmp(a->first, b->first, 16) >= 0 && memcmp(a->last, b->last, 16) <= 0;
}

static bool apart(const struct sp_range *a, const struct sp_range *b)
{
	return memcmp(a->last, b->first, 16) < 0 || memcmp(a->first, b->last, 16) > 0;
}

bool sp_range_match(const struct sp_range *range, const uint8_t address[16],
		    uint8_t *length)
{
	struct sp_range some;

	for (unsigned bits = 0; ; bits++) {
		block(address, bits, &some);
		*length = (uint8_t)bits;
		if (inside(&some, range))
			return true;
		if (apart(&some, range))
			return false;
	}
}

/* The address behind @last, which is not the very last. */
static void next_address(const uint8_t last[16], uint8_t next[16])
{
	memcpy(next, last, 16);
	for (int i = 15; ++next[i] == 0; i--)
		;
}

bool sp_range_cut(struct sp_range *range, struct sp_prefix *prefix)
{
	struct sp_range some;
	unsigned length = 0;

	for (block(range->first, 0, &some); !inside(&some, range); )
		block(range->first, ++length, &some);
	memcpy(prefix->address, range->first, sizeof(prefix->address));
	prefix->length = (uint8_t)length;
	if (!memcmp(some.last, range->last, 16))
		return false;
	next_address(some.last, range->first);
	return true;
}
