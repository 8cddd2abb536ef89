/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See packaged.h. A query holds @packaged; each step begins the next. */
#include "packaged.h"

#include <stdlib.h>
#include <string.h>
#include "sentence.h"

#define DBUS	"org.freedesktop.DBus"
#define FLAWS	(SALLYPORT_IMAGE_FOREIGN | SALLYPORT_IMAGE_DELETED | SALLYPORT_IMAGE_USERNS | \
		 SALLYPORT_IMAGE_PRIVATE | SALLYPORT_IMAGE_OLDER | SALLYPORT_IMAGE_NOPATH)
#define STAINS	(SALLYPORT_PROCESS_OLDER | SALLYPORT_PROCESS_TRACED | SALLYPORT_PROCESS_BLIND)

struct introduction {
	guint64 process;
	guint64 last;		/* the greatest number of a name that there was */
	gint64 until;		/* µs of the monotonic clock */
};

struct sp_packaged {
	guint references;
	GDBusConnection *connection;
	struct sp_link *link;
	GArray *introductions;	/* oldest first */
};

struct query {
	struct sp_packaged *packaged;
	char *name;
	guint64 process;	/* 0: not ours */
	char *program;
	void (*introduced)(void *data);
	void (*checked)(gboolean packaged, const char *program, void *data);
	void *data;
};

struct sp_packaged *sp_packaged_new(GDBusConnection *connection, struct sp_link *link)
{
	struct sp_packaged *packaged = g_new0(struct sp_packaged, 1);

	packaged->references = 1;
	packaged->connection = g_object_ref(connection);
	packaged->link = link;
	packaged->introductions = g_array_new(FALSE, FALSE, sizeof(struct introduction));
	return packaged;
}

void sp_packaged_unref(struct sp_packaged *packaged)
{
	if (--packaged->references)
		return;
	g_object_unref(packaged->connection);
	g_array_unref(packaged->introductions);
	g_free(packaged);
}

/* ":1.42" → 42; G_MAXUINT64: it is no such name. */
static guint64 number_of(const char *name)
{
	guint64 number;

	if (!g_str_has_prefix(name, ":1.") ||
	    !g_ascii_string_to_unsigned(name + 3, 10, 0, G_MAXUINT64 - 1, &number, NULL))
		return G_MAXUINT64;
	return number;
}

static void forget_old(struct sp_packaged *packaged)
{
	const GArray *all = packaged->introductions;
	gint64 now = g_get_monotonic_time();
	guint old = 0;

	while (old < all->len && g_array_index(all, struct introduction, old).until < now)
		old++;
	if (all->len - old >= SP_PACKAGED_MAX)
		old++;
	g_array_remove_range(packaged->introductions, 0, old);
}

static gboolean is_introduced(struct sp_packaged *packaged, guint64 process, const char *name)
{
	guint64 number = number_of(name);

	forget_old(packaged);
	if (number == G_MAXUINT64)
		return FALSE;
	for (guint i = 0; i < packaged->introductions->len; i++) {
		const struct introduction *one =
			&g_array_index(packaged->introductions, struct introduction, i);

		if (one->process == process && number > one->last)
			return TRUE;
	}
	return FALSE;
}

/* --- steps --------------------------------------------------------------------------- */

static void finish(struct query *query)
{
	if (query->introduced)
		query->introduced(query->data);
	if (query->checked)
		query->checked(query->process &&
			       is_introduced(query->packaged, query->process, query->name),
			       query->program ? query->program : "an unknown program", query->data);
	sp_packaged_unref(query->packaged);
	g_free(query->name);
	free(query->program);
	g_free(query);
}

static void call_bus(struct query *query, const char *method, GVariant *arguments,
		     const char *reply, GAsyncReadyCallback ready)
{
	g_dbus_connection_call(query->packaged->connection, DBUS, "/org/freedesktop/DBus", DBUS,
			       method, arguments, G_VARIANT_TYPE(reply), G_DBUS_CALL_FLAGS_NONE,
			       -1, NULL, ready, query);
}

/* A name that is no number makes all later ones unknown: then nobody is ours. */
static guint64 last_of(const char *const *names)
{
	guint64 last = 0;

	for (; *names; names++)
		if (**names == ':')
			last = MAX(last, number_of(*names));
	return last;
}

static void on_names(GObject *bus, GAsyncResult *result, void *data)
{
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  NULL);
	g_autofree const char **names = NULL;
	struct query *query = data;
	struct introduction one = {
		.process = query->process,
		.until = g_get_monotonic_time() + SP_PACKAGED_SECONDS * G_USEC_PER_SEC,
	};

	if (reply) {
		g_variant_get(reply, "(^a&s)", &names);
		one.last = last_of(names);
		forget_old(query->packaged);
		g_array_append_val(query->packaged->introductions, one);
	}
	finish(query);
}

static gboolean is_ours(const struct sp_program *program)
{
	return !(program->image_flags & FLAWS) && !(program->process_flags & STAINS) &&
	       !strcmp(program->path, SALLYPORT_AGENT_PATH);
}

static void on_program(const struct sp_program *program, void *data)
{
	struct query *query = data;

	if (program && *program->path)
		query->program = sp_text_literal(program->path, strlen(program->path));
	if (program && is_ours(program))
		query->process = program->process;
	if (query->process && query->introduced)
		call_bus(query, "ListNames", NULL, "(as)", on_names);
	else
		finish(query);
}

static void on_pid(GObject *bus, GAsyncResult *result, void *data)
{
	g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(bus), result,
								  NULL);
	struct query *query = data;
	guint32 pid;

	if (!reply) {
		finish(query);
		return;
	}
	g_variant_get(reply, "(u)", &pid);
	sp_link_program(query->packaged->link, pid, on_program, query);
}

static struct query *begin(struct sp_packaged *packaged, const char *name, void *data)
{
	struct query *query = g_new0(struct query, 1);

	packaged->references++;
	query->packaged = packaged;
	query->name = g_strdup(name);
	query->data = data;
	call_bus(query, "GetConnectionUnixProcessID", g_variant_new("(s)", name), "(u)", on_pid);
	return query;
}

void sp_packaged_introduce(struct sp_packaged *packaged, const char *name,
			   void (*done)(void *data), void *data)
{
	begin(packaged, name, data)->introduced = done;
}

void sp_packaged_check(struct sp_packaged *packaged, const char *name,
		       void (*done)(gboolean packaged, const char *program, void *data),
		       void *data)
{
	begin(packaged, name, data)->checked = done;
}
