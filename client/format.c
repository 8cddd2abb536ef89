/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values in words. */
#include "format.h"

#include <pwd.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "host_name.h"
#include "rule.h"
#include "width.h"

char *sp_format_time(gint64 time, gint64 now)
{
	g_autoptr(GDateTime) then = NULL, today = NULL;
	gboolean same;

	if (time <= 0)
		return g_strdup("");
	then = g_date_time_new_from_unix_local(time / G_USEC_PER_SEC);
	today = g_date_time_new_from_unix_local(now / G_USEC_PER_SEC);
	if (!then || !today)
		return g_strdup("?");
	same = g_date_time_get_year(then) == g_date_time_get_year(today) &&
	       g_date_time_get_day_of_year(then) == g_date_time_get_day_of_year(today);
	return g_date_time_format(then, same ? "%H:%M:%S" : "%Y-%m-%d %H:%M");
}

char *sp_format_bytes(guint64 bytes)
{
	return g_format_size(bytes);
}

const char *sp_format_sure_host(GVariant *dict)
{
	const char *source = sp_dict_string(dict, "host-source");

	return strcmp(source, "doubtful") && strcmp(source, "network") ?
	       sp_dict_string(dict, "host") : "";
}

char *sp_format_remote(GVariant *dict)
{
	const char *remote = sp_dict_string(dict, "remote");
	g_autofree char *host = sp_host_name(sp_format_sure_host(dict));
	const char *source = sp_dict_string(dict, "host-source");

	if (!*host)
		return g_strdup(remote);
	if (strcmp(source, "own") == 0)
		return g_steal_pointer(&host);
	return g_strdup_printf(_("%s, perhaps %s"), remote, host);
}

char *sp_format_peer(const char *direction, const char *remote,
		     guint remote_port, guint local_port)
{
	gboolean in = strcmp(direction, "in") == 0;

	if (in && local_port)
		return g_strdup_printf(_("%s to port %u"), remote, local_port);
	if (!in && remote_port)
		return g_strdup_printf(_("%s port %u"), remote, remote_port);
	return g_strdup(remote);
}

static const char *arrow(const char *direction)
{
	gboolean in = strcmp(direction, "in") == 0;

	if (sp_width_utf8())
		return in ? "←" : "→";
	return in ? "<-" : "->";
}

char *sp_format_flow(const char *program, const char *direction,
		     const char *remote, guint remote_port, guint local_port)
{
	g_autofree char *peer = sp_format_peer(direction, remote, remote_port, local_port);

	return g_strdup_printf("%s %s %s", program, arrow(direction), peer);
}

const char *sp_format_program(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!*path)
		return _("an unknown program");
	return slash && slash[1] ? slash + 1 : path;
}

char *sp_format_owner(guint32 uid)
{
	struct passwd *entry;

	if (uid == SP_SYSTEM)
		return g_strdup("system");
	entry = getpwuid(uid);
	return entry ? g_strdup(entry->pw_name) : g_strdup_printf("%u", uid);
}

gboolean sp_format_find_owner(const char *text, guint32 *uid)
{
	struct passwd *entry;
	guint64 number;

	if (strcmp(text, "system") == 0) {
		*uid = SP_SYSTEM;
		return TRUE;
	}
	if (g_ascii_string_to_unsigned(text, 10, 0, SP_SYSTEM - 1, &number, NULL)) {
		*uid = (guint32)number;
		return TRUE;
	}
	entry = getpwnam(text);
	if (entry)
		*uid = entry->pw_uid;
	return entry != NULL;
}
