/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packet queues: is one of them the daemon's, and who else has some? Root alone can read
 * who has bound which.
 */
#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "doctor_private.h"

#define QUEUES		"/proc/net/netfilter/nfnetlink_queue"
#define SOCKETS		"/proc/net/netlink"
#define NETFILTER	12u	/* protocol of netlink */
#define DAEMON		"sallyportd"

/* Of the whole file: there may be many sockets. NULL: not to be read. */
static char **lines_of(const struct sp_examination *on, const char *path)
{
	g_autofree char *whole = sp_doctor_path(on, path), *text = NULL;

	return g_file_get_contents(whole, &text, NULL, NULL) ? g_strsplit(text, "\n", 4096) : NULL;
}

/* The number in a column of a line, from 0. */
static gboolean number_at(const char *line, guint column, guint64 *number)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);

	for (char **word = words; *word; word++)
		if (**word && !column--)
			return g_ascii_string_to_unsigned(*word, 10, 0, G_MAXUINT64, number, NULL);
	return FALSE;
}

/* The inode of the socket that has bound a queue: by its port. */
static guint64 socket_of(char **sockets, guint64 port)
{
	guint64 protocol, its_port, inode;

	for (char **line = sockets; *line; line++)
		if (number_at(*line, 1, &protocol) && protocol == NETFILTER &&
		    number_at(*line, 2, &its_port) && its_port == port &&
		    number_at(*line, 9, &inode))
			return inode;
	return 0;
}

static gboolean has_socket(const struct sp_examination *on, const char *pid, guint64 inode)
{
	g_autofree char *part = g_strdup_printf("/proc/%s/fd", pid);
	g_autofree char *folder = sp_doctor_path(on, part);
	g_autofree char *wanted = g_strdup_printf("socket:[%" G_GUINT64_FORMAT "]", inode);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *target = g_file_read_link(path, NULL);

		if (!g_strcmp0(target, wanted))
			return TRUE;
	}
	return FALSE;
}

/* The name of the program that has it; NULL: not found. */
static char *owner_of(const struct sp_examination *on, guint64 inode)
{
	g_autofree char *folder = sp_doctor_path(on, "/proc");
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (inode && dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_strdup_printf("/proc/%s/comm", name);

		if (g_ascii_isdigit(name[0]) && has_socket(on, name, inode))
			return sp_doctor_read(on, path);
	}
	return NULL;
}

static void tell_other(struct sp_examination *on, const char *owner, guint64 queue)
{
	sp_doctor_tell(on, SP_FINDING_NOTE, "queues-others", g_strdup_printf(
		_("%s decides about packets, too, in queue %u."),
		owner ? owner : _("Another program"), (guint)queue),
		g_strdup(_("Two programs that decide may ask twice, or hide connections from each "
			   "other; end it unless you know what it is for.")));
}

static void examine(struct sp_examination *on, char **queues, char **sockets)
{
	gboolean ours = FALSE;
	guint64 queue, port;

	for (char **line = queues; *line; line++) {
		g_autofree char *owner = NULL;

		if (!number_at(*line, 0, &queue) || !number_at(*line, 1, &port))
			continue;
		owner = owner_of(on, socket_of(sockets, port));
		if (!g_strcmp0(owner, DAEMON))
			ours = TRUE;
		else
			tell_other(on, owner, queue);
	}
	if (ours) {
		sp_doctor_tell(on, SP_FINDING_GOOD, "queues",
			       g_strdup(_("The daemon has its packet queues.")), NULL);
		return;
	}
	sp_doctor_tell(on, SP_FINDING_BAD, "queues",
		g_strdup(_("The daemon has no packet queue: what is not decided yet is refused.")),
		g_strdup(_("See why: journalctl -u sallyportd; then: systemctl restart "
			   "sallyportd")));
	sp_doctor_command(on, "systemctl restart sallyportd");
}

void sp_doctor_queues(struct sp_examination *on)
{
	g_auto(GStrv) queues = lines_of(on, QUEUES), sockets = lines_of(on, SOCKETS);

	if (queues && sockets)
		examine(on, queues, sockets);
}
