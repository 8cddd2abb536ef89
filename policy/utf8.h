/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8, and which characters must not reach a screen as they are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decodes the character that @text begins with into @character. Returns its
 * length in bytes, 0 if the first of @length (at least 1) bytes begins none:
 * overlong forms, surrogates and what is beyond U+10FFFF are none.
 */
size_t sp_utf8_decode(const char *text, size_t length, uint32_t *character);

/* Offset of the first byte that is not part of a character; @length: none. */
size_t sp_utf8_valid(const char *text, size_t length);

bool sp_char_control(uint32_t character);	/* C0, C1, DEL */
/* Invisible or changes how its neighbours are shown: format, bidi, fillers. */
bool sp_char_format(uint32_t character);
