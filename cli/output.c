/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Standard output. */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "json.h"

static gboolean colour;
static int failure;	/* errno of the first write that failed */

static void put_error(const char *text)
{
	g_autofree char *bytes = sp_output_encode(text);

	fputs(bytes, stderr);
}

void sp_output_init(void)
{
	const char *no = g_getenv("NO_COLOR");
	const char *term = g_getenv("TERM");

	colour = isatty(STDOUT_FILENO) && !(no && *no) &&
		 term && strcmp(term, "dumb") != 0;
	g_set_printerr_handler(put_error);
}

void sp_output_no_colour(void)
{
	colour = FALSE;
}

gboolean sp_output_colour(void)
{
	return colour;
}

int sp_output_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return 80;
	return size.ws_col;
}

char *sp_output_encode(const char *text)
{
	g_autofree char *target = NULL;
	const char *charset;
	char *bytes;

	if (g_get_charset(&charset))
		return g_strdup(text);
	target = g_strconcat(charset, "//TRANSLIT", NULL);
	bytes = g_convert_with_fallback(text, -1, target, "UTF-8", "?", NULL, NULL, NULL);
	return bytes ? bytes : g_str_to_ascii(text, NULL);
}

static gboolean put(const char *bytes)
{
	if (!failure && (fputs(bytes, stdout) == EOF || fflush(stdout) == EOF))
		failure = errno;
	return !failure;
}

gboolean sp_output_put(const char *text)
{
	g_autofree char *bytes = sp_output_encode(text);

	return put(bytes);
}

gboolean sp_output_put_json(GVariant *value)
{
	g_autoptr(GString) line = g_string_new(NULL);

	sp_json_append(line, value);
	g_string_append_c(line, '\n');
	return put(line->str);	/* JSON is UTF-8 in every locale */
}

gboolean sp_output_finish(GError **error)
{
	if (!failure && fflush(stdout) == EOF)
		failure = errno;
	if (!failure || failure == EPIPE)
		return TRUE;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(failure),
		    _("can't write: %s"), g_strerror(failure));
	return FALSE;
}
