/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Classes of addresses: loopback, lan, resolver, multicast, internet. Inside policy/ only. */
#pragma once

#include "field.h"

/* NULL: @kind is no class. */
const char *sp_class_word(enum sp_remote kind);
bool sp_class_find(const char *word, enum sp_remote *kind);
/* @look->length: the bits that prove the answer. */
enum sp_match sp_class_match(const struct sp_rule *rule, const uint8_t remote[16],
			     const struct sp_facts *facts, struct sp_look *look);
