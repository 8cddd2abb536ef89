/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See dial.h. It takes a thread for as long as it lasts, at most TIMEOUT. */
#include "dial.h"

#include <string.h>
#include <unistd.h>
#include "limit.h"

#define TIMEOUT		10	/* s, for each answer of the bus */
#define LINE_MOST	512

/* The bus knows our uid from the socket; we claim the same. */
static gboolean say_who(GOutputStream *out, GCancellable *cancel, GError **error)
{
	g_autoptr(GString) line = g_string_new_len("\0", 1);
	g_autofree char *uid = g_strdup_printf("%u", geteuid());

	g_string_append(line, "AUTH EXTERNAL ");
	for (const char *digit = uid; *digit; digit++)
		g_string_append_printf(line, "%02x", *digit);
	g_string_append(line, "\r\n");
	return g_output_stream_write_all(out, line->str, line->len, NULL, cancel, error);
}

/* Byte by byte: what follows the line is not ours. */
static gboolean read_line(GInputStream *in, char line[LINE_MOST], GCancellable *cancel,
			  GError **error)
{
	gsize have = 0;

	while (have < LINE_MOST - 1) {
		gssize got = g_input_stream_read(in, line + have, 1, cancel, error);

		if (got < 0)
			return FALSE;
		if (!got)
			break;
		if (line[have++] != '\n')
			continue;
		line[have] = 0;
		return TRUE;
	}
	g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the bus does not answer");
	return FALSE;
}

static gboolean authenticate(GIOStream *stream, GCancellable *cancel, GError **error)
{
	GOutputStream *out = g_io_stream_get_output_stream(stream);
	char line[LINE_MOST];

	if (!say_who(out, cancel, error) ||
	    !read_line(g_io_stream_get_input_stream(stream), line, cancel, error))
		return FALSE;
	if (strncmp(line, "OK ", 3)) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
				    "the bus does not accept us");
		return FALSE;
	}
	return g_output_stream_write_all(out, "BEGIN\r\n", 7, NULL, cancel, error);
}

/*
 * The result holds @stream. What goes out is wrapped too, only because GDBus takes
 * it for granted that a socket's stream belongs to a socket's connection.
 */
static GIOStream *limited(GIOStream *stream)
{
	g_autoptr(GConverter) limit = sp_bus_limit_new();
	g_autoptr(GInputStream) input = NULL;
	g_autoptr(GDataOutputStream) output = NULL;
	GIOStream *result;

	input = g_converter_input_stream_new(g_io_stream_get_input_stream(stream), limit);
	output = g_data_output_stream_new(g_io_stream_get_output_stream(stream));
	result = g_simple_io_stream_new(input, G_OUTPUT_STREAM(output));
	g_object_set_data_full(G_OBJECT(result), "stream", g_object_ref(stream), g_object_unref);
	return result;
}

static void set_timeout(GIOStream *stream, guint seconds)
{
	if (G_IS_SOCKET_CONNECTION(stream))
		g_socket_set_timeout(g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream)),
				     seconds);
}

static void dial_worker(GTask *task, void *source, void *data, GCancellable *cancel)
{
	GError *error = NULL;
	g_autoptr(GIOStream) stream = g_dbus_address_get_stream_sync(data, NULL, cancel, &error);

	if (stream)
		set_timeout(stream, TIMEOUT);
	if (!stream || !authenticate(stream, cancel, &error)) {
		g_task_return_error(task, error);
		return;
	}
	set_timeout(stream, 0);
	g_task_return_pointer(task, limited(stream), g_object_unref);
}

void sp_dial(const char *address, GCancellable *cancel, GAsyncReadyCallback done, void *data)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancel, done, data);

	g_task_set_task_data(task, g_strdup(address), g_free);
	g_task_run_in_thread(task, dial_worker);
}

GIOStream *sp_dial_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
