/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Standard output: is it a terminal, how wide, with colour? And writing to it. */
#pragma once

#include <glib.h>

/*
 * Colour: on a terminal that is not dumb, unless NO_COLOR is set. Errors are
 * written in the characters of the locale, too.
 */
void sp_output_init(void);
void sp_output_no_colour(void);

gboolean sp_output_colour(void);
int sp_output_width(void);	/* cells; 0: no terminal, no limit */

/* @text is UTF-8. FALSE: nobody reads any more, or the disk is full. */
gboolean sp_output_put(const char *text);
/* The same for a value as JSON, on a line of its own. */
gboolean sp_output_put_json(GVariant *value);

/* @text as bytes of the locale; what it does not have becomes like it, or "?". */
char *sp_output_encode(const char *text);

/* Was everything written? Sets @error where not. */
gboolean sp_output_finish(GError **error);
