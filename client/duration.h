/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lengths of time as people write and read them. */
#pragma once

#include <glib.h>

#define SP_DURATION_MAX	(100LL * 365 * 24 * 3600)	/* seconds */

/*
 * "15m", "1h30m", "2d"; units s m h d w, from large to small, each once.
 * FALSE: not a duration, nothing, or more than the maximum.
 */
gboolean sp_duration_parse(const char *text, gint64 *seconds);

/* "15m": the largest unit that says it exactly, as the bus takes it. */
char *sp_duration_short(gint64 seconds);

/* "15 minutes", "3 h 12 min": at most two units, translated. */
char *sp_duration_words(gint64 seconds);
