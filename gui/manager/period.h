/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stretch of time that the history is looked at over, and the steps that it is told in. */
#pragma once

#include <glib.h>

struct sp_period {
	gint64 from, to;	/* µs; multiples of the step */
	guint step;		/* seconds: 60, 3600, 86400 */
};

enum sp_range {
	SP_RANGE_HOUR,
	SP_RANGE_DAY,
	SP_RANGE_WEEK,
	SP_RANGE_MONTH,
	SP_RANGE_YEAR,
};

/* The last hour, … until and with the step that @now (µs) is in. */
struct sp_period sp_period_of(enum sp_range range, gint64 now);
/*
 * Steps @first to @last of @whole, from 0, told as finely as is kept at @now. FALSE: too
 * little to be worth a look.
 */
gboolean sp_period_part(const struct sp_period *whole, guint first, guint last, gint64 now,
			struct sp_period *part);
guint sp_period_steps(const struct sp_period *period);
/* "14:02", "Mon 14:00", "3 Mar", as fits the period; local time. */
char *sp_period_label(const struct sp_period *period, gint64 time);
