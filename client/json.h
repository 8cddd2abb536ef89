/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GVariant as JSON (RFC 8259), on one line. Dictionaries with string keys
 * become objects, arrays and tuples arrays, 64-bit integers numbers in full.
 */
#pragma once

#include <glib.h>

void sp_json_append(GString *to, GVariant *value);

/*
 * With quotes. Beside what JSON asks for, control, format and bidirectional
 * characters are escaped, so that it may be shown on a terminal.
 */
void sp_json_append_string(GString *to, const char *text);
