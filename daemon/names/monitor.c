/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See monitor.h. Its folder, or where that will be, is watched; a socket that is there and
 * does not answer yet is tried again a few times. Messages end with NUL; one is at most
 * MESSAGE_MAX bytes, or the connection is begun anew.
 */
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include "monitor.h"

#define MESSAGE_MAX	(256 * 1024)
#define PART		16384
#define TRIES		10	/* a second apart */

static const char request[] =
	"{\"method\":\"io.systemd.Resolve.Monitor.SubscribeQueryResults\","
	"\"parameters\":{},\"more\":true}";

struct sp_monitor {
	char *path;
	struct sp_monitor_handler handler;
	GFileMonitor *watch;
	GCancellable *cancel;		/* of what is under way; NULL: nothing is */
	GSocketConnection *connection;	/* it was subscribed to */
	GString *message;		/* what is not whole yet */
	char part[PART];
	const char *rest;		/* of it, what is not taken yet */
	gsize left;
	gboolean full;			/* nobody has room for more of it */
	guint again, tries;
	struct sp_dns_reply reply;	/* the one that is being read */
};

static void dial(struct sp_monitor *monitor);
static void watch(struct sp_monitor *monitor);

static gboolean on_again(void *data)
{
	struct sp_monitor *monitor = data;

	monitor->again = 0;
	dial(monitor);
	return G_SOURCE_REMOVE;
}

/* Over: it comes again, or is there and not ready. */
static void hang_up(struct sp_monitor *monitor)
{
	g_clear_object(&monitor->connection);
	if (monitor->cancel)
		g_cancellable_cancel(monitor->cancel);
	g_clear_object(&monitor->cancel);
	g_string_truncate(monitor->message, 0);
	if (monitor->tries++ < TRIES && !monitor->again)
		monitor->again = g_timeout_add_seconds(1, on_again, monitor);
}

static void take_message(struct sp_monitor *monitor, const char *text, gsize length)
{
	if (sp_told_read(text, length, &monitor->reply))
		monitor->full = !monitor->handler.told(&monitor->reply, monitor->handler.data);
}

static void append(struct sp_monitor *monitor, gsize length)
{
	g_string_append_len(monitor->message, monitor->rest, length);
	monitor->rest += length;
	monitor->left -= length;
}

static void take_messages(struct sp_monitor *monitor)
{
	const char *end;

	while (!monitor->full && (end = memchr(monitor->rest, 0, monitor->left))) {
		append(monitor, (gsize)(end - monitor->rest) + 1);
		take_message(monitor, monitor->message->str, monitor->message->len - 1);
		g_string_truncate(monitor->message, 0);
	}
}

static void listen(struct sp_monitor *monitor);

/* Reads on only when all that was read is taken. */
static void take_part(struct sp_monitor *monitor)
{
	take_messages(monitor);
	if (monitor->full)
		return;
	append(monitor, monitor->left);
	if (monitor->message->len <= MESSAGE_MAX) {
		listen(monitor);
		return;
	}
	monitor->handler.missed(monitor->handler.data);
	hang_up(monitor);
}

static void on_part(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	gssize length = g_input_stream_read_finish(G_INPUT_STREAM(source), result, &error);
	struct sp_monitor *monitor = data;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (length <= 0) {
		hang_up(monitor);
		return;
	}
	monitor->rest = monitor->part;
	monitor->left = (gsize)length;
	take_part(monitor);
}

static void listen(struct sp_monitor *monitor)
{
	GInputStream *stream = g_io_stream_get_input_stream(G_IO_STREAM(monitor->connection));

	g_input_stream_read_async(stream, monitor->part, sizeof(monitor->part),
				  G_PRIORITY_DEFAULT, monitor->cancel, on_part, monitor);
}

static void on_subscribed(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	struct sp_monitor *monitor = data;

	g_output_stream_write_all_finish(G_OUTPUT_STREAM(source), result, NULL, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (error) {
		hang_up(monitor);
		return;
	}
	monitor->tries = 0;
	listen(monitor);
}

static void on_connected(GObject *source, GAsyncResult *result, void *data)
{
	g_autoptr(GError) error = NULL;
	GSocketConnection *connection =
		g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &error);
	struct sp_monitor *monitor = data;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (!connection) {
		hang_up(monitor);
		return;
	}
	monitor->connection = connection;
	g_output_stream_write_all_async(g_io_stream_get_output_stream(G_IO_STREAM(connection)),
					request, sizeof(request), G_PRIORITY_HIGH,
					monitor->cancel, on_subscribed, monitor);
}

static void dial(struct sp_monitor *monitor)
{
	g_autoptr(GSocketClient) client = NULL;
	g_autoptr(GSocketAddress) address = NULL;

	if (monitor->cancel || !g_file_test(monitor->path, G_FILE_TEST_EXISTS))
		return;
	client = g_socket_client_new();
	address = g_unix_socket_address_new(monitor->path);
	monitor->cancel = g_cancellable_new();
	g_socket_client_connect_async(client, G_SOCKET_CONNECTABLE(address), monitor->cancel,
				      on_connected, monitor);
}

/* Its folder came, went, or has something new. */
static void on_event(GFileMonitor *source, GFile *file, GFile *other, GFileMonitorEvent event,
		     struct sp_monitor *monitor)
{
	if (event != G_FILE_MONITOR_EVENT_CREATED && event != G_FILE_MONITOR_EVENT_RENAMED &&
	    event != G_FILE_MONITOR_EVENT_MOVED_IN && event != G_FILE_MONITOR_EVENT_DELETED)
		return;
	watch(monitor);
	monitor->tries = 0;
	dial(monitor);
}

static void unwatch(struct sp_monitor *monitor)
{
	if (monitor->watch)
		g_file_monitor_cancel(monitor->watch);
	g_clear_object(&monitor->watch);
}

static void watch(struct sp_monitor *monitor)
{
	g_autofree char *folder = g_path_get_dirname(monitor->path);
	g_autoptr(GFile) file = NULL;

	while (!g_file_test(folder, G_FILE_TEST_IS_DIR) && strcmp(folder, "/")) {
		char *parent = g_path_get_dirname(folder);

		g_free(folder);
		folder = parent;
	}
	unwatch(monitor);
	file = g_file_new_for_path(folder);
	monitor->watch = g_file_monitor_directory(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
	if (monitor->watch)
		g_signal_connect(monitor->watch, "changed", G_CALLBACK(on_event), monitor);
}

struct sp_monitor *sp_monitor_new(const char *path, const struct sp_monitor_handler *handler)
{
	struct sp_monitor *monitor = g_new0(struct sp_monitor, 1);

	monitor->path = g_strdup(path);
	monitor->handler = *handler;
	monitor->message = g_string_new(NULL);
	watch(monitor);
	dial(monitor);
	return monitor;
}

void sp_monitor_go_on(struct sp_monitor *monitor)
{
	if (!monitor || !monitor->full)
		return;
	monitor->full = FALSE;
	take_part(monitor);
}

gboolean sp_monitor_listens(const struct sp_monitor *monitor)
{
	return monitor->connection != NULL;
}

void sp_monitor_free(struct sp_monitor *monitor)
{
	if (!monitor)
		return;
	unwatch(monitor);
	if (monitor->cancel)
		g_cancellable_cancel(monitor->cancel);
	g_clear_object(&monitor->cancel);
	g_clear_object(&monitor->connection);
	g_clear_handle_id(&monitor->again, g_source_remove);
	g_string_free(monitor->message, TRUE);
	g_free(monitor->path);
	g_free(monitor);
}
