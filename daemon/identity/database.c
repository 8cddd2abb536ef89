/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dpkg writes lists while it unpacks and its status when it is done with a package; rpm
 * what it commits into the -wal, and that into the file when it is done. During a long
 * upgrade this is told every few seconds.
 *
 * A folder that is not there is not watched: GLib would look for it every four seconds.
 * Attributes alone are no change: as root SQLite sets the owner of what it opens beside a
 * database that we read.
 */
#include "database.h"

#include <gio/gio.h>

#define SETTLE_MS	1000
#define LONGEST_MS	5000	/* that changes may go on untold */

static const char *const watched[] = {
	"/var/lib/dpkg/info",
	"/var/lib/dpkg/status",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
	"/var/lib/rpm/rpmdb.sqlite",
	"/var/lib/rpm/rpmdb.sqlite-wal",
};

struct sp_database {
	GFileMonitor *monitors[G_N_ELEMENTS(watched)];
	guint settle;
	gint64 since;		/* monotonic: of the first change untold */
	void (*changed)(void *data);
	void *data;
};

static gboolean on_settled(void *data)
{
	struct sp_database *database = data;

	database->settle = 0;
	database->since = 0;
	database->changed(database->data);
	return G_SOURCE_REMOVE;
}

static void on_changed(GFileMonitor *monitor, GFile *file, GFile *other,
		       GFileMonitorEvent event, struct sp_database *database)
{
	gint64 now = g_get_monotonic_time();

	if (event == G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED)
		return;
	if (!database->since)
		database->since = now;
	if (database->settle && now - database->since > LONGEST_MS * 1000)
		return;
	if (database->settle)
		g_source_remove(database->settle);
	database->settle = g_timeout_add(SETTLE_MS, on_settled, database);
}

static GFileMonitor *watch(struct sp_database *database, const char *path)
{
	g_autoptr(GFile) file = g_file_new_for_path(path);
	g_autofree char *folder = g_path_get_dirname(path);
	GFileMonitor *monitor;

	if (!g_file_test(folder, G_FILE_TEST_IS_DIR))
		return NULL;
	monitor = g_file_monitor(file, G_FILE_MONITOR_NONE, NULL, NULL);
	if (monitor)
		g_signal_connect(monitor, "changed", G_CALLBACK(on_changed), database);
	return monitor;
}

struct sp_database *sp_database_watch(const char *root, void (*changed)(void *data),
				      void *data)
{
	struct sp_database *database = g_new0(struct sp_database, 1);

	database->changed = changed;
	database->data = data;
	for (gsize i = 0; i < G_N_ELEMENTS(watched); i++) {
		g_autofree char *path = g_strconcat(root, watched[i], NULL);

		database->monitors[i] = watch(database, path);
	}
	return database;
}

void sp_database_free(struct sp_database *database)
{
	if (!database)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(watched); i++)
		g_clear_object(&database->monitors[i]);
	if (database->settle)
		g_source_remove(database->settle);
	g_free(database);
}
