/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of actions, and their order. */
#pragma once

#include "rule.h"

const char *sp_action_word(enum sp_action action);
bool sp_action_find(const char *word, enum sp_action *action);
/* Who is stricter: drop 4, deny 3, ask 2, allow 1. */
unsigned sp_action_strictness(enum sp_action action);
