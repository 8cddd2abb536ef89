/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mode "learn": what installed programs of a person do, and no rule is about, is
 * allowed for this once without a question, and the rule that a question would have
 * offered is kept, switched off, to be looked at by that person later. No rule that is in
 * force is ever made of it.
 */
#pragma once

#include <glib.h>
#include "policy_state.h"
#include "process.h"
#include "runners.h"
#include "verdict.h"

#define SP_LEARNED_MAX	500	/* rules kept of one user */
#define SP_LEARNED_NOTE	"learned"

struct sp_learning;

struct sp_learning *sp_learning_new(struct sp_policy *policy);
void sp_learning_free(struct sp_learning *learning);

/* As far as the kernel tells: is it to be learned? @rule: the one that asks. */
gboolean sp_learning_wants(const struct sp_waiting *waiting, enum sp_runner runner, guint64 rule);
/* And as its package's database does. FALSE, with *@unknown: it has not said yet. */
gboolean sp_learning_takes(const struct sp_process *process, gboolean *unknown);
/* Keeps the rule, soon, unless there is one like it. */
void sp_learning_note(struct sp_learning *learning, const struct sp_waiting *waiting);
