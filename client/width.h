/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text on a grid of cells: how wide it is, and making it fit. UTF-8. */
#pragma once

#include <glib.h>

int sp_width(const char *text);			/* in cells */
gboolean sp_width_utf8(void);			/* does the locale show UTF-8? */
const char *sp_width_ellipsis(void);		/* "…" or "..." */

/* A copy of at most @cells cells, "…" in its middle where it was longer. */
char *sp_width_elide(const char *text, int cells);

/*
 * Breaks at blanks, or within a word that is too long, into lines of at most
 * @cells cells. Element: char *.
 */
GPtrArray *sp_width_wrap(const char *text, int cells);

/*
 * Text from the bus, harmless for a screen: as sp_text_literal() makes it, but
 * for backslashes, so that what is literal already stays as it is. Never NULL;
 * NULL becomes "".
 */
char *sp_width_harmless(const char *text);
