/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See resolvers.h. A file, or its folder, may not be there yet: the nearest folder
 * that is there is watched, and an event about what lies on the way to one of the
 * files has all of them read again. Where that can't be had they are read every few
 * seconds.
 */
#include "resolvers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX_BYTES	65536
#define SETTLE		200	/* ms: files change in several steps */
#define LOOK_AGAIN	5	/* s, without events */

const char *const sp_resolver_paths[] = {
	"/etc/resolv.conf",
	"/run/systemd/resolve/resolv.conf",
	"/run/systemd/resolve/stub-resolv.conf",
	"/run/NetworkManager/resolv.conf",
	"/run/NetworkManager/no-stub-resolv.conf",
	"/run/dnsmasq/resolv.conf",
	"/run/resolvconf/resolv.conf",
	NULL,
};

struct sp_resolvers {
	const char *const *paths;
	void (*changed)(const struct sp_resolver_list *list, void *data);
	void *data;
	GHashTable *monitors;		/* folder → GFileMonitor */
	guint settle;			/* a source: they are to be read */
	gboolean blind;			/* some can't be watched */
	struct sp_resolver_list list;
};

static void add(struct sp_resolver_list *list, const guint8 address[16])
{
	for (gsize i = 0; i < list->count; i++)
		if (!memcmp(list->addresses[i], address, 16))
			return;
	if (list->count < SP_RESOLVERS_READ)
		memcpy(list->addresses[list->count++], address, 16);
}

static void add_text(struct sp_resolver_list *list, const char *text)
{
	guint8 address[16] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET, text, address + 12) == 1 ||
	    inet_pton(AF_INET6, text, address) == 1)
		add(list, address);
}

/* nameserver ADDRESS, perhaps with %DEVICE. */
static void parse_line(const char *line, gsize length, struct sp_resolver_list *list)
{
	static const char word[] = "nameserver";
	char text[INET6_ADDRSTRLEN] = "";
	gsize skip = sizeof(word) - 1, end;

	if (length <= skip || strncmp(line, word, skip) || !strchr(" \t", line[skip]))
		return;
	while (skip < length && strchr(" \t", line[skip]))
		skip++;
	for (end = skip; end < length && !strchr(" \t\r%#;", line[end]); end++)
		;
	if (end - skip >= sizeof(text))
		return;
	memcpy(text, line + skip, end - skip);
	add_text(list, text);
}

void sp_resolvers_parse(const char *text, gsize length, struct sp_resolver_list *list)
{
	const char *end = text + length, *line, *next;

	for (line = text; line < end; line = next + 1) {
		next = memchr(line, '\n', end - line);
		next = next ? next : end;
		if (!memchr(line, 0, next - line))
			parse_line(line, next - line, list);
	}
}

/* What is no regular file, or too long, is none. */
static void read_file(const char *path, struct sp_resolver_list *list)
{
	g_autofree char *text = g_malloc(FILE_MAX_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = fd < 0 ? -1 : read(fd, text, FILE_MAX_BYTES);

	if (length > 0 && length < FILE_MAX_BYTES)
		sp_resolvers_parse(text, length, list);
	if (fd >= 0)
		close(fd);
}

static char *nearest_folder(const char *path)
{
	char *folder = g_path_get_dirname(path);

	while (!g_file_test(folder, G_FILE_TEST_IS_DIR) && strcmp(folder, "/")) {
		char *parent = g_path_get_dirname(folder);

		g_free(folder);
		folder = parent;
	}
	return folder;
}

static gboolean on_settled(void *data);

/* Does @path lead to one of the files, or is it one? */
static gboolean is_on_the_way(const struct sp_resolvers *resolvers, const char *path)
{
	gsize length = strlen(path);

	for (const char *const *file = resolvers->paths; *file; file++)
		if (!strncmp(*file, path, length) && strchr("/", (*file)[length]))
			return TRUE;
	return FALSE;
}

static void on_event(GFileMonitor *monitor, GFile *file, GFile *other,
		     GFileMonitorEvent event, struct sp_resolvers *resolvers)
{
	g_autofree char *path = g_file_get_path(file);
	g_autofree char *moved = other ? g_file_get_path(other) : NULL;

	if (!is_on_the_way(resolvers, path ?: "//") &&
	    !is_on_the_way(resolvers, moved ?: "//"))
		return;
	if (resolvers->settle && resolvers->blind)
		g_clear_handle_id(&resolvers->settle, g_source_remove);
	if (!resolvers->settle)
		resolvers->settle = g_timeout_add(SETTLE, on_settled, resolvers);
	resolvers->blind = FALSE;
}

static void monitor_free(void *monitor)
{
	g_file_monitor_cancel(monitor);
	g_object_unref(monitor);
}

static void watch(struct sp_resolvers *resolvers, const char *path)
{
	g_autofree char *folder = nearest_folder(path);
	g_autoptr(GFile) file = g_file_new_for_path(folder);
	GFileMonitor *monitor;

	if (g_hash_table_contains(resolvers->monitors, folder))
		return;
	monitor = g_file_monitor_directory(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
	if (!monitor) {
		resolvers->blind = TRUE;
		return;
	}
	g_signal_connect(monitor, "changed", G_CALLBACK(on_event), resolvers);
	g_hash_table_insert(resolvers->monitors, g_steal_pointer(&folder), monitor);
}

/* Watches are placed before the files are read: nothing is missed in between. */
static void read_all(struct sp_resolvers *resolvers)
{
	struct sp_resolver_list list = { 0 };

	resolvers->blind = FALSE;
	g_hash_table_remove_all(resolvers->monitors);
	for (const char *const *path = resolvers->paths; *path; path++)
		watch(resolvers, *path);
	for (const char *const *path = resolvers->paths; *path; path++)
		read_file(*path, &list);
	if (resolvers->blind)
		resolvers->settle = g_timeout_add_seconds(LOOK_AGAIN, on_settled, resolvers);
	if (!memcmp(&list, &resolvers->list, sizeof(list)))
		return;
	resolvers->list = list;
	resolvers->changed(&resolvers->list, resolvers->data);
}

static gboolean on_settled(void *data)
{
	struct sp_resolvers *resolvers = data;

	resolvers->settle = 0;
	read_all(resolvers);
	return G_SOURCE_REMOVE;
}

struct sp_resolvers *sp_resolvers_new(const char *const *paths,
				      void (*changed)(const struct sp_resolver_list *list,
						      void *data),
				      void *data)
{
	struct sp_resolvers *resolvers = g_new0(struct sp_resolvers, 1);

	resolvers->paths = paths;
	resolvers->changed = changed;
	resolvers->data = data;
	resolvers->monitors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						    monitor_free);
	read_all(resolvers);
	return resolvers;
}

void sp_resolvers_free(struct sp_resolvers *resolvers)
{
	if (!resolvers)
		return;
	if (resolvers->settle)
		g_source_remove(resolvers->settle);
	g_hash_table_unref(resolvers->monitors);
	g_free(resolvers);
}
