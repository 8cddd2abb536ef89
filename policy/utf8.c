/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 decoding by the table of the Unicode standard (3-7), and two classes. */
#include "utf8.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* First bytes, the range of the second byte, and the length. */
static const struct {
	uint8_t first, last, second_first, second_last, length;
} forms[] = {
	{ 0x00, 0x7f, 0x00, 0xff, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* General category Cf, and what else shows nothing or breaks the line. */
static const struct {
	uint32_t first, last;
} formats[] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x0600, 0x0605 },
	{ 0x061c, 0x061c }, { 0x06dd, 0x06dd }, { 0x070f, 0x070f },
	{ 0x0890, 0x0891 }, { 0x08e2, 0x08e2 }, { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
	{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

size_t sp_utf8_decode(const char *text, size_t length, uint32_t *character)
{
	const uint8_t *byte = (const uint8_t *)text;
	size_t form = 0;

	while (form < LENGTH(forms) && !(byte[0] >= forms[form].first &&
					 byte[0] <= forms[form].last))
		form++;
	if (form == LENGTH(forms) || length < forms[form].length)
		return 0;
	length = forms[form].length;
	if (length == 1) {
		*character = byte[0];
		return 1;
	}
	if (byte[1] < forms[form].second_first || byte[1] > forms[form].second_last)
		return 0;
	*character = byte[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (byte[i] & 0x3f);
	}
	return length;
}

size_t sp_utf8_valid(const char *text, size_t length)
{
	size_t at = 0;

	while (at < length) {
		uint32_t character;
		size_t step = sp_utf8_decode(text + at, length - at, &character);

		if (!step)
			return at;
		at += step;
	}
	return length;
}

bool sp_char_control(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

bool sp_char_format(uint32_t character)
{
	for (size_t i = 0; i < LENGTH(formats); i++)
		if (character >= formats[i].first && character <= formats[i].last)
			return true;
	return false;
}
