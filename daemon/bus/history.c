/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface History. */
#include "faces.h"

#include "errors.h"
#include "serve.h"
#include "sp-bus.h"
#include "totals.h"

#define RECENT_MAX	1000

static const char *const known[] = { "all", "b", NULL };

static guint32 reader_of(const struct sp_call *call)
{
	return sp_call_all(call) ? SP_ANY_USER : sp_call_uid(call);
}

/* Where the newest @limit records that @reader may see begin. */
static guint64 find_start(const struct sp_history *history, guint32 reader, guint32 limit)
{
	guint64 serial = sp_history_next(history);

	while (limit && serial > sp_history_first(history))
		if (sp_history_may(sp_history_get(history, --serial), reader))
			limit--;
	return serial;
}

static GVariant *describe(const struct sp_history *history, guint32 reader, guint32 limit)
{
	guint64 serial = find_start(history, reader, limit);
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	for (; serial < sp_history_next(history); serial++) {
		const struct sp_record *record = sp_history_get(history, serial);

		if (sp_history_may(record, reader))
			g_variant_builder_add_value(&builder,
						    sp_history_describe(record, serial));
	}
	return g_variant_builder_end(&builder);
}

static void recent(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	guint32 limit;

	g_variant_get(sp_call_arguments(call), "(u@a{sv})", &limit, &options);
	if (!sp_options_check(options, known, &error)) {
		sp_call_fail_with(call, error);
		return;
	}
	if (limit > RECENT_MAX) {
		sp_call_fail(call, SP_ERROR_LIMIT, "at most %d records at once", RECENT_MAX);
		return;
	}
	sp_call_return(call, g_variant_new("(@aa{sv})", describe(face->parts->history,
								 reader_of(call), limit)));
}

static void watch(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;

	g_variant_get(sp_call_arguments(call), "(@a{sv})", &options);
	if (sp_options_check(options, known, &error) &&
	    sp_watch_add(face->parts->watch, face->connection, sp_call_peer(call),
			 sp_call_all(call), &error))
		sp_call_return(call, NULL);
	else
		sp_call_fail_with(call, error);
}

static void unwatch(struct sp_call *call, void *data)
{
	struct sp_face *face = data;

	sp_watch_remove(face->parts->watch, sp_call_peer(call));
	sp_call_return(call, NULL);
}

static const struct sp_method methods[] = {
	{ "handle-recent", recent },
	{ "handle-watch", watch },
	{ "handle-unwatch", unwatch },
	{ NULL, NULL },
};

GDBusInterfaceSkeleton *sp_face_history(struct sp_face *face)
{
	SpBusHistory *skeleton = sp_bus_history_skeleton_new();

	sp_serve(skeleton, face, methods);
	sp_face_totals(skeleton, face);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}
