/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See relay.h. A question is in @open until it was cancelled or answered. */
#include "relay.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent.h"
#include "bus.h"
#include "sp-bus.h"

#define PROMPT		"sallyport-prompt"
#define AGENT_PATH	"/org/sallyport/Agent"
#define PROMPT_FD	3
/* Deaths within that time after which it is left alone until the next question. */
#define DEATHS_MAX	4u
#define DEATHS_TIME	(30 * G_USEC_PER_SEC)

struct sp_relay {
	const struct sp_relay_calls *calls;
	void *data;
	GHashTable *open;	/* id → struct sp_question */
	GHashTable *answers;	/* id → GDBusMethodInvocation: no reply yet */
	GSubprocess *prompt;	/* NULL: not running, and no @link */
	GDBusConnection *link;
	SpBusQuestions *skeleton;
	gint64 deaths[DEATHS_MAX];	/* a ring */
	guint death;
};

static void prompt_start(struct sp_relay *relay);

/* Variables by which others could have the prompt load their code. */
static void clean_environment(GSubprocessLauncher *launcher)
{
	static const char *const names[] = {
		"LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "GTK_MODULES", "GTK_PATH",
		"GTK_EXE_PREFIX", "GTK_DEBUG", "GIO_EXTRA_MODULES", "GIO_MODULE_DIR",
		"GDK_PIXBUF_MODULE_FILE", "GTK_DATA_PREFIX",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		g_subprocess_launcher_unsetenv(launcher, names[i]);
}

static GSubprocess *spawn(int fd, GError **error)
{
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_autofree char *self = g_file_read_link("/proc/self/exe", error);
	g_autofree char *folder = NULL, *program = NULL;
	const char *argv[2] = { NULL };

	g_subprocess_launcher_take_fd(launcher, fd, PROMPT_FD);
	if (!self)
		return NULL;
	folder = g_path_get_dirname(self);
	program = g_build_filename(folder, PROMPT, NULL);
	argv[0] = program;
	clean_environment(launcher);
	return g_subprocess_launcher_spawnv(launcher, argv, error);
}

/* The reply belongs to whoever takes the question out of @answers. */
static gboolean expect_reply(struct sp_relay *relay, guint64 id, GDBusMethodInvocation *call)
{
	if (sp_relay_find(relay, id) && !g_hash_table_contains(relay->answers, &id)) {
		g_hash_table_insert(relay->answers, g_memdup2(&id, sizeof(id)), call);
		return TRUE;
	}
	g_dbus_method_invocation_return_dbus_error(call,
		SP_BUS_NAME ".Error.NoSuchQuestion", "no such question");
	return FALSE;
}

static gboolean handle_answer(SpBusQuestions *skeleton, GDBusMethodInvocation *call,
			      guint64 id, const char *token, const char *action,
			      const char *scope, const char *lifetime, struct sp_relay *relay)
{
	if (expect_reply(relay, id, call))
		relay->calls->answer(id, token, action, scope, lifetime, relay->data);
	return TRUE;
}

static gboolean handle_dismiss(SpBusQuestions *skeleton, GDBusMethodInvocation *call,
			       guint64 id, const char *token, struct sp_relay *relay)
{
	if (expect_reply(relay, id, call))
		relay->calls->dismiss(id, token, relay->data);
	return TRUE;
}

static gboolean handle_hold(SpBusQuestions *skeleton, GDBusMethodInvocation *call,
			    guint64 id, const char *token, gboolean held,
			    struct sp_relay *relay)
{
	if (sp_relay_find(relay, id))
		relay->calls->hold(id, token, held, relay->data);
	sp_bus_questions_complete_hold(skeleton, call);
	return TRUE;
}

static void tell(struct sp_relay *relay, const char *method, GVariant *body)
{
	g_dbus_connection_call(relay->link, NULL, AGENT_PATH, SP_BUS_NAME ".Agent", method,
			       body, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

/* As it came, and what changed since. */
static void send_question(struct sp_relay *relay, const struct sp_question *question)
{
	GVariantDict changes;

	tell(relay, "Ask", g_variant_new("(ts@a{sv})", question->id, question->token,
					 question->dict));
	g_variant_dict_init(&changes, NULL);
	g_variant_dict_insert(&changes, "flows", "u", question->flows);
	g_variant_dict_insert(&changes, "deadline", "x", question->deadline);
	g_variant_dict_insert(&changes, "held", "b", question->held);
	g_variant_dict_insert(&changes, "hash", "s", question->hash);
	g_variant_dict_insert(&changes, "command-line", "s", question->command_line);
	g_variant_dict_insert(&changes, "user-name", "s", question->user_name);
	g_variant_dict_insert(&changes, "package", "s", question->package);
	g_variant_dict_insert(&changes, "other-remotes", "^as", question->other_remotes);
	if (question->package_state != SP_PACKAGE_UNKNOWN)
		g_variant_dict_insert(&changes, "package-state", "s",
				      question->package_state == SP_PACKAGE_MODIFIED ?
				      "modified" : "unmodified");
	tell(relay, "Update", g_variant_new("(t@a{sv})", question->id,
					    g_variant_dict_end(&changes)));
}

/* Only with the prompt's end, so that no handler runs with half of it. */
static void prompt_forget(struct sp_relay *relay)
{
	g_signal_handlers_disconnect_by_data(relay->link, relay);
	g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(relay->skeleton));
	g_signal_handlers_disconnect_by_data(relay->skeleton, relay);
	g_dbus_connection_close(relay->link, NULL, NULL, NULL);
	g_hash_table_remove_all(relay->answers);
	g_clear_object(&relay->skeleton);
	g_clear_object(&relay->link);
	g_clear_object(&relay->prompt);
}

/* Did it die too often, lately? */
static gboolean is_hopeless(struct sp_relay *relay)
{
	gint64 now = g_get_monotonic_time();
	gint64 *oldest = &relay->deaths[relay->death++ % DEATHS_MAX];
	gboolean hopeless = *oldest && now - *oldest < DEATHS_TIME;

	*oldest = now;
	return hopeless;
}

static void let_go(const struct sp_question *question, void *data)
{
	struct sp_relay *relay = data;

	relay->calls->hold(question->id, question->token, FALSE, relay->data);
}

/* It left because nothing waited, or it died. */
static void on_closed(GDBusConnection *link, gboolean vanished, GError *error,
		      struct sp_relay *relay)
{
	g_subprocess_force_exit(relay->prompt);	/* one that only closed its end */
	prompt_forget(relay);
	sp_relay_each(relay, let_go, relay);
	if (g_hash_table_size(relay->open) == 0)
		return;
	if (is_hopeless(relay))
		relay->calls->broken("it ends again and again", relay->data);
	else
		prompt_start(relay);
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

static gboolean link_open(struct sp_relay *relay, int fd, GError **error)
{
	relay->link = connect_to(fd, error);
	if (!relay->link)
		return FALSE;
	g_dbus_connection_set_exit_on_close(relay->link, FALSE);
	relay->skeleton = sp_bus_questions_skeleton_new();
	g_signal_connect(relay->skeleton, "handle-answer", G_CALLBACK(handle_answer), relay);
	g_signal_connect(relay->skeleton, "handle-dismiss", G_CALLBACK(handle_dismiss), relay);
	g_signal_connect(relay->skeleton, "handle-hold", G_CALLBACK(handle_hold), relay);
	g_signal_connect(relay->link, "closed", G_CALLBACK(on_closed), relay);
	g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(relay->skeleton),
					 relay->link, SP_BUS_PATH, NULL);
	g_dbus_connection_start_message_processing(relay->link);
	return TRUE;
}

static gboolean try_start(struct sp_relay *relay, GError **error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno),
				    g_strerror(errno));
		return FALSE;
	}
	relay->prompt = spawn(ends[1], error);
	if (!relay->prompt) {
		close(ends[0]);
		return FALSE;
	}
	if (link_open(relay, ends[0], error))
		return TRUE;
	g_subprocess_force_exit(relay->prompt);
	g_clear_object(&relay->prompt);
	return FALSE;
}

static void prompt_start(struct sp_relay *relay)
{
	g_autoptr(GError) error = NULL;
	GHashTableIter iter;
	gpointer question;

	if (!try_start(relay, &error)) {
		relay->calls->broken(error->message, relay->data);
		return;
	}
	g_hash_table_iter_init(&iter, relay->open);
	while (g_hash_table_iter_next(&iter, NULL, &question))
		send_question(relay, question);
}

static void free_question(gpointer data)
{
	sp_question_free(data);
}

struct sp_relay *sp_relay_new(const struct sp_relay_calls *calls, void *data)
{
	struct sp_relay *relay = g_new0(struct sp_relay, 1);

	relay->calls = calls;
	relay->data = data;
	relay->open = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_question);
	relay->answers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
					       g_object_unref);
	return relay;
}

void sp_relay_free(struct sp_relay *relay)
{
	if (!relay)
		return;
	if (relay->prompt)
		prompt_forget(relay);
	g_hash_table_unref(relay->answers);
	g_hash_table_unref(relay->open);
	g_free(relay);
}

void sp_relay_ask(struct sp_relay *relay, struct sp_question *question)
{
	g_hash_table_replace(relay->open, &question->id, question);
	if (relay->prompt)
		send_question(relay, question);
	else
		prompt_start(relay);
}

void sp_relay_update(struct sp_relay *relay, guint64 id, GVariant *changes)
{
	struct sp_question *question = g_hash_table_lookup(relay->open, &id);

	if (!question)
		return;
	sp_question_update(question, changes);
	if (relay->prompt)
		tell(relay, "Update", g_variant_new("(t@a{sv})", id, changes));
}

void sp_relay_cancel(struct sp_relay *relay, guint64 id, const char *reason)
{
	if (!g_hash_table_remove(relay->open, &id))
		return;
	if (relay->prompt)
		tell(relay, "Cancel", g_variant_new("(ts)", id, reason));
}

void sp_relay_reset(struct sp_relay *relay, const char *reason)
{
	g_autofree guint64 *ids = g_new(guint64, g_hash_table_size(relay->open));
	GHashTableIter iter;
	gpointer id;
	guint count = 0;

	g_hash_table_iter_init(&iter, relay->open);
	while (g_hash_table_iter_next(&iter, &id, NULL))
		ids[count++] = *(guint64 *)id;
	for (guint i = 0; i < count; i++)
		sp_relay_cancel(relay, ids[i], reason);
}

void sp_relay_reply(struct sp_relay *relay, guint64 id, const GError *error)
{
	gboolean over = !error || sp_agent_error_is_final(error);
	gpointer key, call;

	if (g_hash_table_steal_extended(relay->answers, &id, &key, &call)) {
		g_free(key);
		if (error)
			g_dbus_method_invocation_return_gerror(call, error);
		else
			g_dbus_method_invocation_return_value(call, NULL);
		if (over)
			g_hash_table_remove(relay->open, &id);
	} else if (over) {	/* the answer came another way, or from a prompt that is gone */
		sp_relay_cancel(relay, id, "answered");
	}
}

void sp_relay_each(const struct sp_relay *relay,
		   void (*call)(const struct sp_question *question, void *data), void *data)
{
	GHashTableIter iter;
	gpointer question;

	g_hash_table_iter_init(&iter, relay->open);
	while (g_hash_table_iter_next(&iter, NULL, &question))
		call(question, data);
}

const struct sp_question *sp_relay_find(const struct sp_relay *relay, guint64 id)
{
	return g_hash_table_lookup(relay->open, &id);
}

void sp_relay_show(struct sp_relay *relay, guint64 id, const char *token)
{
	GVariantDict changes;

	if (!relay->prompt || !sp_relay_find(relay, id))
		return;
	g_variant_dict_init(&changes, NULL);
	g_variant_dict_insert(&changes, "show", "s", token ? token : "");
	tell(relay, "Update", g_variant_new("(t@a{sv})", id, g_variant_dict_end(&changes)));
}
