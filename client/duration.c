/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lengths of time: from text, to text. */
#include "duration.h"

#include <glib/gi18n-lib.h>

static const struct {
	char letter;
	gint64 seconds;
} units[] = {
	{ 'w', 7 * 24 * 3600 },
	{ 'd', 24 * 3600 },
	{ 'h', 3600 },
	{ 'm', 60 },
	{ 's', 1 },
};

/* The unit's place in the table, or -1. */
static int find_unit(char letter)
{
	for (gsize i = 0; i < G_N_ELEMENTS(units); i++)
		if (units[i].letter == letter)
			return (int)i;
	return -1;
}

gboolean sp_duration_parse(const char *text, gint64 *seconds)
{
	gint64 total = 0;
	int last = -1;

	do {
		gint64 number = 0;
		int unit;

		if (!g_ascii_isdigit(*text))
			return FALSE;
		for (; g_ascii_isdigit(*text); text++) {
			number = number * 10 + (*text - '0');
			if (number > SP_DURATION_MAX)
				return FALSE;
		}
		unit = find_unit(*text);
		if (unit <= last)
			return FALSE;
		last = unit;
		total += number * units[unit].seconds;	/* at most 2^52: no overflow */
		text++;
	} while (*text);
	if (total <= 0 || total > SP_DURATION_MAX)
		return FALSE;
	*seconds = total;
	return TRUE;
}

char *sp_duration_short(gint64 seconds)
{
	/* Weeks are for people to write, not for the bus. */
	for (gsize i = 1; i < G_N_ELEMENTS(units); i++)
		if (seconds % units[i].seconds == 0)
			return g_strdup_printf("%" G_GINT64_FORMAT "%c",
					       seconds / units[i].seconds,
					       units[i].letter);
	g_return_val_if_reached(NULL);
}

static char *one_unit(gint64 seconds)
{
	int minutes = (int)(seconds / 60), hours = minutes / 60, days = hours / 24;

	if (seconds < 60)
		return g_strdup_printf(ngettext("%d second", "%d seconds", (gulong)seconds),
				       (int)seconds);
	if (seconds < 3600)
		return g_strdup_printf(ngettext("%d minute", "%d minutes", (gulong)minutes),
				       minutes);
	if (hours < 24)
		return g_strdup_printf(ngettext("%d hour", "%d hours", (gulong)hours), hours);
	return g_strdup_printf(ngettext("%d day", "%d days", (gulong)days), days);
}

char *sp_duration_words(gint64 seconds)
{
	int minutes, hours;

	seconds = CLAMP(seconds, 0, SP_DURATION_MAX);
	minutes = (int)(seconds / 60);
	hours = minutes / 60;
	if (seconds > 60 && seconds < 3600 && seconds % 60)
		return g_strdup_printf(_("%d min %d s"), minutes, (int)(seconds % 60));
	if (hours && hours < 24 && minutes % 60)
		return g_strdup_printf(_("%d h %d min"), hours, minutes % 60);
	if (hours >= 24 && hours % 24)
		return g_strdup_printf(_("%d d %d h"), hours / 24, hours % 24);
	return one_unit(seconds);
}
