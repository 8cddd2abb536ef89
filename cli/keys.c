/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes from a terminal as one key. */
#include "keys.h"

#include "dialog.h"

#define ESCAPE 0x1b

/* Does a sequence, begun with ESC, end within these bytes? */
static gboolean sequence_ends(const char *bytes, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if (bytes[i] != '[' && bytes[i] != 'O' &&
		    bytes[i] >= 0x40 && bytes[i] <= 0x7e)
			return TRUE;
	return FALSE;
}

gunichar sp_keys_read(struct sp_keys *keys, const char *bytes, gsize length)
{
	gunichar key;

	if (length && bytes[0] == ESCAPE) {
		keys->escape = !sequence_ends(bytes + 1, length - 1);
		return SP_KEY_OTHER;
	}
	if (keys->escape) {
		keys->escape = !sequence_ends(bytes, length);
		return SP_KEY_OTHER;
	}
	key = g_utf8_get_char_validated(bytes, (gssize)length);
	if ((gint)key < 0 || (gsize)g_unichar_to_utf8(key, NULL) != length)
		return SP_KEY_OTHER;
	return key;
}
