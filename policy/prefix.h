/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits of addresses. Inside policy/ and daemon/verdict/ only. */
#pragma once

#include "rule.h"

/* How many of the first @length bits are the same before the first that is not. */
unsigned sp_prefix_common(const uint8_t a[16], const uint8_t b[16], unsigned length);
/* Clears the bits behind the length; are they clear? */
void sp_prefix_trim(struct sp_prefix *prefix);
bool sp_prefix_trimmed(const struct sp_prefix *prefix);
/* An IPv6 prefix so short that all of ::ffff:0:0/96, which is IPv4, is in it. */
bool sp_prefix_mixed(const struct sp_prefix *prefix);
/* @length: the bits that prove the answer. */
bool sp_prefix_match(const struct sp_prefix *prefix, const uint8_t address[16],
		     uint8_t *length);
bool sp_address_is_ipv4(const uint8_t address[16]);
/* "192.0.2.1" or "2001:db8::1" into @address; the length of a whole one, or 0. */
unsigned sp_address_parse(const char *text, uint8_t address[16]);
/* Without the length where it is a whole address. */
#define SP_PREFIX_TEXT 64
void sp_prefix_print(const struct sp_prefix *prefix, char text[SP_PREFIX_TEXT]);

/* From one address to another, both in it. */
struct sp_range {
	uint8_t first[16], last[16];
};

void sp_range_of_prefix(const struct sp_prefix *prefix, struct sp_range *range);
/* Is it exactly a prefix? Then *@prefix is that one. */
bool sp_range_is_prefix(const struct sp_range *range, struct sp_prefix *prefix);
/* IPv4 and IPv6 both. */
bool sp_range_mixed(const struct sp_range *range);
/* < 0: @a has fewer addresses. */
int sp_range_compare_size(const struct sp_range *a, const struct sp_range *b);
bool sp_range_match(const struct sp_range *range, const uint8_t address[16],
		    uint8_t *length);
/*
 * Cuts the longest prefix that is all of the beginning of *@range off it. False:
 * that was the last; *@range is no range any more. At most 254 for one range.
 */
bool sp_range_cut(struct sp_range *range, struct sp_prefix *prefix);
