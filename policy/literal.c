/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from elsewhere, made fit to be shown. A backslash is doubled, so that
 * what was escaped can be told from what only looks like it, and be had back.
 */
#include <stdlib.h>
#include <string.h>
#include "buffer.h"
#include "sentence.h"
#include "utf8.h"

#define DIGITS "0123456789ABCDEF"

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

/* Up to U+10FFFF, in as few bytes as it takes. */
static void add_character(struct sp_buffer *out, uint32_t character)
{
	static const uint8_t lead[] = { 0x00, 0xc0, 0xe0, 0xf0 };
	unsigned more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
	char byte = (char)(lead[more] | character >> 6 * more);

	sp_buffer_add(out, &byte, 1);
	while (more--) {
		byte = (char)(0x80 | (character >> 6 * more & 0x3f));
		sp_buffer_add(out, &byte, 1);
	}
}

/* The number that @digits hexadecimal ones from @text on are, or -1. */
static long number(const char *text, size_t digits)
{
	char copy[8] = "";

	if (!digits || digits > 6 || strspn(text, DIGITS) < digits)
		return -1;
	memcpy(copy, text, digits);
	return strtol(copy, NULL, 16);
}

/* What the escape that @text begins with stands for; its length, or 0: it is none. */
static size_t add_escaped(struct sp_buffer *out, const char *text)
{
	size_t digits;
	long value;
	char byte;

	if (text[1] == '\\') {
		sp_buffer_add(out, text, 1);
		return 2;
	}
	if (text[1] == 'x') {
		value = number(text + 2, 2);
		byte = (char)value;
		sp_buffer_add(out, &byte, 1);
		return value > 0 ? 4 : 0;
	}
	if (text[1] != 'u' || text[2] != '{')
		return 0;
	digits = strcspn(text + 3, "}");
	value = text[3 + digits] ? number(text + 3, digits) : -1;
	if (value <= 0 || value > 0x10ffff)
		return 0;
	add_character(out, (uint32_t)value);
	return digits + 4;
}

char *sp_text_of_literal(const char *literal)
{
	struct sp_buffer out = { 0 };
	size_t step;

	sp_buffer_string(&out, "");
	while (*literal) {
		step = strcspn(literal, "\\");
		sp_buffer_add(&out, literal, step);
		literal += step;
		if (!*literal)
			break;
		step = add_escaped(&out, literal);
		if (!step) {
			free(sp_buffer_take(&out));
			return NULL;
		}
		literal += step;
	}
	return sp_buffer_take(&out);
}
