/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "Not now": for five minutes the same program and destination is refused
 * without asking. Bounded; the oldest is forgotten first, and then asked about.
 */
#pragma once

#include <glib.h>
#include "verdict/question_key.h"

struct sp_snooze;

struct sp_snooze *sp_snooze_new(void);
void sp_snooze_free(struct sp_snooze *snooze);
void sp_snooze_add(struct sp_snooze *snooze, const struct sp_question_key *key);
gboolean sp_snooze_has(struct sp_snooze *snooze, const struct sp_question_key *key);
