/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See host_name.h. What may be mixed is what UTS #39 calls "highly restrictive". */
#include "host_name.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "width.h"

/* The scripts that there are in a part; others than these are told apart by number. */
enum {
	LATIN = 1 << 0,
	HAN = 1 << 1,
	KANA = 1 << 2,
	BOPOMOFO = 1 << 3,
	HANGUL = 1 << 4,
	ANOTHER = 1 << 5,
	SEVERAL = 1 << 6,
};

static guint script_bit(GUnicodeScript script)
{
	switch ((int)script) {
	case G_UNICODE_SCRIPT_COMMON:
	case G_UNICODE_SCRIPT_INHERITED:
		return 0;
	case G_UNICODE_SCRIPT_LATIN:
		return LATIN;
	case G_UNICODE_SCRIPT_HAN:
		return HAN;
	case G_UNICODE_SCRIPT_HIRAGANA:
	case G_UNICODE_SCRIPT_KATAKANA:
		return KANA;
	case G_UNICODE_SCRIPT_BOPOMOFO:
		return BOPOMOFO;
	case G_UNICODE_SCRIPT_HANGUL:
		return HANGUL;
	}
	return ANOTHER;
}

static guint scripts_of(const char *part, const char *end)
{
	GUnicodeScript another = G_UNICODE_SCRIPT_COMMON;
	guint scripts = 0;

	for (; part < end; part = g_utf8_next_char(part)) {
		GUnicodeScript script = g_unichar_get_script(g_utf8_get_char(part));
		guint bit = script_bit(script);

		if (bit == ANOTHER && scripts & ANOTHER && script != another)
			scripts |= SEVERAL;
		if (bit == ANOTHER)
			another = script;
		scripts |= bit;
	}
	return scripts;
}

static gboolean is_within(guint scripts, guint set)
{
	return !(scripts & ~set);
}

static gboolean may_be_together(guint scripts)
{
	return is_within(scripts, ANOTHER) || is_within(scripts, LATIN | HAN | KANA) ||
	       is_within(scripts, LATIN | HAN | BOPOMOFO) ||
	       is_within(scripts, LATIN | HAN | HANGUL);
}

gboolean sp_host_name_is_mixed(const char *unicode)
{
	const char *end;

	for (const char *part = unicode; *part; part = *end ? end + 1 : end) {
		end = part + strcspn(part, ".");
		if (!may_be_together(scripts_of(part, end)))
			return TRUE;
	}
	return FALSE;
}

char *sp_host_name(const char *ascii)
{
	g_autofree char *unicode = NULL, *harmless = NULL;

	if (!g_hostname_is_ascii_encoded(ascii))
		return g_strdup(ascii);
	unicode = g_hostname_to_unicode(ascii);
	if (!unicode)
		return g_strdup(ascii);
	if (sp_host_name_is_mixed(unicode))
		return g_strdup_printf(_("%s (letters of several scripts: perhaps made to look like another name)"),
				       ascii);
	harmless = sp_width_harmless(unicode);
	return g_strdup_printf("%s (%s)", harmless, ascii);
}
