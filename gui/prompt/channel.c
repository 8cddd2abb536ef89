/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See channel.h. */
#include "channel.h"

#include <unistd.h>

#include "bus.h"
#include "error.h"
#include "sp-bus.h"

#define AGENT_PATH "/org/sallyport/Agent"

struct sp_channel {
	const struct sp_channel_calls *calls;
	void *data;
	GDBusConnection *link;
	SpBusAgent *skeleton;
	GCancellable *cancel;	/* of calls under way */
};

/* A call under way; @channel is not to be touched once it was cancelled. */
struct request {
	struct sp_channel *channel;
	guint64 id;
};

static gboolean handle_ask(SpBusAgent *skeleton, GDBusMethodInvocation *call,
			   guint64 id, const char *token, GVariant *dict,
			   struct sp_channel *channel)
{
	struct sp_question *question = sp_question_new(id, token, dict);

	if (question)
		channel->calls->ask(question, channel->data);
	sp_bus_agent_complete_ask(skeleton, call);
	return TRUE;
}

static gboolean handle_update(SpBusAgent *skeleton, GDBusMethodInvocation *call,
			      guint64 id, GVariant *changes, struct sp_channel *channel)
{
	const char *token;

	if (g_variant_lookup(changes, "show", "&s", &token))
		channel->calls->show(id, token, channel->data);
	else
		channel->calls->update(id, changes, channel->data);
	sp_bus_agent_complete_update(skeleton, call);
	return TRUE;
}

static gboolean handle_cancel(SpBusAgent *skeleton, GDBusMethodInvocation *call,
			      guint64 id, const char *reason, struct sp_channel *channel)
{
	channel->calls->cancel(id, reason, channel->data);
	sp_bus_agent_complete_cancel(skeleton, call);
	return TRUE;
}

static void on_closed(GDBusConnection *link, gboolean vanished, GError *error,
		      struct sp_channel *channel)
{
	channel->calls->closed(channel->data);
}

static GDBusConnection *connect_to(int fd, GError **error)
{
	g_autoptr(GSocket) socket = g_socket_new_from_fd(fd, error);
	g_autoptr(GSocketConnection) stream = NULL;

	if (!socket) {
		close(fd);
		return NULL;
	}
	stream = g_socket_connection_factory_create_connection(socket);
	return g_dbus_connection_new_sync(G_IO_STREAM(stream), NULL,
					  G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
					  NULL, NULL, error);
}

struct sp_channel *sp_channel_new(int fd, const struct sp_channel_calls *calls, void *data,
				  GError **error)
{
	struct sp_channel *channel;
	GDBusConnection *link = connect_to(fd, error);

	if (!link)
		return NULL;
	sp_client_error_register();
	channel = g_new0(struct sp_channel, 1);
	channel->calls = calls;
	channel->data = data;
	channel->link = link;
	channel->cancel = g_cancellable_new();
	channel->skeleton = sp_bus_agent_skeleton_new();
	g_dbus_connection_set_exit_on_close(link, FALSE);
	g_signal_connect(channel->skeleton, "handle-ask", G_CALLBACK(handle_ask), channel);
	g_signal_connect(channel->skeleton, "handle-update", G_CALLBACK(handle_update), channel);
	g_signal_connect(channel->skeleton, "handle-cancel", G_CALLBACK(handle_cancel), channel);
	g_signal_connect(link, "closed", G_CALLBACK(on_closed), channel);
	g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(channel->skeleton), link,
					 AGENT_PATH, NULL);
	g_dbus_connection_start_message_processing(link);
	return channel;
}

void sp_channel_free(struct sp_channel *channel)
{
	if (!channel)
		return;
	g_cancellable_cancel(channel->cancel);
	g_signal_handlers_disconnect_by_data(channel->link, channel);
	g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(channel->skeleton));
	g_signal_handlers_disconnect_by_data(channel->skeleton, channel);
	g_dbus_connection_close_sync(channel->link, NULL, NULL);	/* sends what waits, too */
	g_object_unref(channel->skeleton);
	g_object_unref(channel->link);
	g_object_unref(channel->cancel);
	g_free(channel);
}

static void on_replied(GObject *link, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(link),
								  result, &error);
	g_autofree struct request *request = data;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (error)	/* its words are the agent's, made to be shown */
		g_dbus_error_strip_remote_error(error);
	request->channel->calls->replied(request->id, error, request->channel->data);
}

static void call(struct sp_channel *channel, guint64 id, const char *method, GVariant *args)
{
	struct request *request = g_new0(struct request, 1);

	request->channel = channel;
	request->id = id;
	/* A person may be asked for a password meanwhile: no limit. */
	g_dbus_connection_call(channel->link, NULL, SP_BUS_PATH, SP_BUS_NAME ".Questions",
			       method, args, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
			       channel->cancel, on_replied, request);
}

void sp_channel_answer(struct sp_channel *channel, guint64 id, const char *token,
		       const char *action, const char *scope, const char *lifetime)
{
	call(channel, id, "Answer", g_variant_new("(tssss)", id, token, action, scope, lifetime));
}

void sp_channel_dismiss(struct sp_channel *channel, guint64 id, const char *token)
{
	call(channel, id, "Dismiss", g_variant_new("(ts)", id, token));
}

void sp_channel_hold(struct sp_channel *channel, guint64 id, const char *token,
		     gboolean held)
{
	g_dbus_connection_call(channel->link, NULL, SP_BUS_PATH, SP_BUS_NAME ".Questions",
			       "Hold", g_variant_new("(tsb)", id, token, held), NULL,
			       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}
