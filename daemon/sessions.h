/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules until a person logs out end with his session: logind's files of sessions are
 * watched, and nothing is looked at while none of them changes. Where they can't be
 * watched they are looked at all ten seconds, as long as there are such rules.
 */
#pragma once

#include "policy_state.h"

struct sp_sessions;

/* Those that have ended meanwhile go at once. */
struct sp_sessions *sp_sessions_new(struct sp_policy *policy);
void sp_sessions_rules_changed(struct sp_sessions *sessions);
void sp_sessions_free(struct sp_sessions *sessions);
