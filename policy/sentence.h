/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule in plain words, for people: prompt, manager, command line. */
#pragma once

#include <stddef.h>
#include "rule.h"

/*
 * "Allow curl (/usr/bin/curl) to connect to 192.0.2.1 on port 80 (TCP)."
 * Translated with gettext's dgettext("sallyport", …); program text is made
 * harmless (sp_text_literal). NULL: no memory.
 */
char *sp_sentence(const struct sp_rule *rule);

/*
 * A copy of @length bytes of text from a process, a file name or the network,
 * fit to be shown: valid UTF-8, with control, format and bidirectional
 * characters, and bytes that are no UTF-8, written as \xHH or \u{HHHH}.
 */
char *sp_text_literal(const char *text, size_t length);
/* The text that was made harmless so. NULL: it is none such, has a NUL, or no memory. */
char *sp_text_of_literal(const char *literal);
