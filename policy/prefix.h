/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits of addresses. Inside policy/ only. */
#pragma once

#include "rule.h"

/* How many of the first @length bits are the same before the first that is not. */
unsigned sp_prefix_common(const uint8_t a[16], const uint8_t b[16], unsigned length);
/* Clears the bits behind the length; are they clear? */
void sp_prefix_trim(struct sp_prefix *prefix);
bool sp_prefix_trimmed(const struct sp_prefix *prefix);
/* An IPv6 prefix so short that all of ::ffff:0:0/96, which is IPv4, is in it. */
bool sp_prefix_mixed(const struct sp_prefix *prefix);
bool sp_address_is_ipv4(const uint8_t address[16]);
