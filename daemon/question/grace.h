/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long flows of a user may still wait for an agent to come: some time from the first
 * that did, once. Bounded: who comes when there are too many has none.
 */
#pragma once

#include <glib.h>

struct sp_grace;

struct sp_grace *sp_grace_new(guint seconds);
void sp_grace_free(struct sp_grace *grace);
/* µs; the first call begins it. */
gint64 sp_grace_left(struct sp_grace *grace, guint32 uid);
