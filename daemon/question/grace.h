/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long flows of a user may still wait for an agent to come: some time from the first
 * that did, once. Bounded: who comes when there are too many has none.
 *
 * Agents that were there when the last daemon ended are about to come back: flows that
 * they may be asked about wait for them, some seconds from our start. Which they were
 * lies in a folder in memory.
 */
#pragma once

#include <glib.h>
#include "agents.h"

struct sp_grace;

/* @folder: in memory, or NULL: nobody is known to have been there. */
struct sp_grace *sp_grace_new(guint seconds, const char *folder);
void sp_grace_free(struct sp_grace *grace);
/* µs; the first call begins it. */
gint64 sp_grace_left(struct sp_grace *grace, guint32 uid);
/* For the next daemon: these are there. */
void sp_grace_note(const struct sp_grace *grace, const struct sp_agents *agents);
