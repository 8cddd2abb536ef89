/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See period.h. */
#include "period.h"

#include <glib/gi18n-lib.h>

#define MINUTE	60
#define HOUR	3600
#define DAY	86400
/* Steps of a period at least */
#define STEPS_MIN 3

static struct sp_period period_of(gint64 seconds, guint step, gint64 now)
{
	gint64 unit = (gint64)step * G_USEC_PER_SEC;
	struct sp_period period = { .step = step, .to = (now / unit + 1) * unit };

	period.from = period.to - seconds / step * unit;
	return period;
}

struct sp_period sp_period_of(enum sp_range range, gint64 now)
{
	switch (range) {
	case SP_RANGE_HOUR:
		break;
	case SP_RANGE_DAY:
		return period_of(DAY, MINUTE, now);
	case SP_RANGE_WEEK:
		return period_of(7 * DAY, HOUR, now);
	case SP_RANGE_MONTH:
		return period_of(31 * DAY, HOUR, now);
	case SP_RANGE_YEAR:
		return period_of(366 * DAY, DAY, now);
	}
	return period_of(HOUR, MINUTE, now);
}

/* What is kept of a time: minutes for a day, hours for a month. */
static guint finest(gint64 time, gint64 now)
{
	gint64 age = (now - time) / G_USEC_PER_SEC;

	return age < DAY ? MINUTE : age < 31 * DAY ? HOUR : DAY;
}

gboolean sp_period_part(const struct sp_period *whole, guint first, guint last, gint64 now,
			struct sp_period *part)
{
	gint64 unit = (gint64)whole->step * G_USEC_PER_SEC;

	part->from = whole->from + first * unit;
	part->to = whole->from + (last + 1) * unit;
	part->step = MIN(finest(part->from, now), whole->step);
	return sp_period_steps(part) >= STEPS_MIN;
}

guint sp_period_steps(const struct sp_period *period)
{
	return (guint)((period->to - period->from) / G_USEC_PER_SEC / period->step);
}

char *sp_period_label(const struct sp_period *period, gint64 time)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(time / G_USEC_PER_SEC);
	gint64 length = (period->to - period->from) / G_USEC_PER_SEC;

	if (!date)
		return g_strdup("");
	if (length <= DAY)
		return g_date_time_format(date, "%H:%M");
	/* TRANSLATORS: of a time axis, as for strftime: "Mon 14:00", "3 Mar", "Mar 2026" */
	if (length <= 7 * DAY)
		return g_date_time_format(date, _("%a %H:%M"));
	return g_date_time_format(date, length <= 62 * DAY ? _("%-d %b") : _("%b %Y"));
}
