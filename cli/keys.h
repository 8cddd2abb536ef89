/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes from a terminal as one key. What is read at once is one key only if
 * it is one character; escape sequences, pastes and what was typed ahead are
 * SP_KEY_OTHER, so that no part of them can answer anything.
 */
#pragma once

#include <glib.h>

struct sp_keys {
	gboolean escape;	/* the end of a sequence has not come yet */
};

gunichar sp_keys_read(struct sp_keys *keys, const char *bytes, gsize length);
