/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records summed up for history.db: by program, host, port and action, a minute
 * at a time, then handed to the store's thread. Bounded; nothing runs while
 * nothing happens.
 */
#pragma once

#include <glib.h>
#include "store_thread.h"
#include "verdict.h"

#define SP_TALLY_MAX	4096u	/* sums of one minute */
#define SP_TALLY_OF_USER 512u	/* of one user; what is more has no program, host and port */

struct sp_tally;

/* @hosts FALSE: no hosts are recorded. */
struct sp_tally *sp_tally_new(struct sp_store_thread *store, gboolean hosts);
/* What was summed up is handed over. */
void sp_tally_free(struct sp_tally *tally);

void sp_tally_add(struct sp_tally *tally, const struct sp_record *record);
/* Hands over what there is; for whoever wants to read it. */
void sp_tally_flush(struct sp_tally *tally);
/* What is not handed over of a user, SP_ANY_USER: of everybody, is forgotten. */
void sp_tally_forget(struct sp_tally *tally, guint32 uid);
