/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from elsewhere, made fit to be shown. A backslash is doubled, so that
 * what was escaped can be told from what only looks like it.
 */
#include <string.h>
#include "buffer.h"
#include "sentence.h"
#include "utf8.h"

char *sp_text_literal(const char *text, size_t length)
{
	struct sp_buffer out = { 0 };

	for (size_t at = 0; at < length;) {
		uint32_t character = 0;
		size_t step = sp_utf8_decode(text + at, length - at, &character);

		if (!step)
			sp_buffer_format(&out, "\\x%02X", (uint8_t)text[at]);
		else if (character == '\\')
			sp_buffer_string(&out, "\\\\");
		else if (character < 0x80 && sp_char_control(character))
			sp_buffer_format(&out, "\\x%02X", (unsigned)character);
		else if (sp_char_control(character) || sp_char_format(character))
			sp_buffer_format(&out, "\\u{%04X}", (unsigned)character);
		else
			sp_buffer_add(&out, text + at, step);
		at += step ? step : 1;
	}
	return sp_buffer_take(&out);
}
