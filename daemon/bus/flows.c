/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface Flows: what is open now. */
#include "faces.h"

#include <string.h>
#include "errors.h"
#include "flow_text.h"
#include "open_flows.h"
#include "serve.h"
#include "sp-bus.h"

#define PAGE_MAX	1000
#define END_MAX		1000

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

static GVariant *describe(const struct sp_flows *flows, const struct sp_open_flow *open)
{
	const struct sallyport_flow *flow = &open->listed->flow;
	const struct sallyport_counts *counts = &open->listed->counts;
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	add(&b, "id", g_variant_new_uint64(open->number));
	add(&b, "action", g_variant_new_string(sp_action_text(counts->action)));
	add(&b, "rule", g_variant_new_uint64(counts->rule));
	sp_describe_text(&b, "program", open->listed->path, strlen(open->listed->path));
	sp_flow_describe(&b, flow);
	add(&b, "local", g_variant_new_take_string(sp_address_text(flow->local)));
	add(&b, "since", g_variant_new_int64(sp_flows_real(flows, counts->created) / 1000));
	add(&b, "used", g_variant_new_int64(sp_flows_real(flows, counts->used) / 1000));
	add(&b, "bytes-out", g_variant_new_uint64(counts->bytes[SALLYPORT_OUT]));
	add(&b, "bytes-in", g_variant_new_uint64(counts->bytes[SALLYPORT_IN]));
	add(&b, "packets-out", g_variant_new_uint64(counts->packets[SALLYPORT_OUT]));
	add(&b, "packets-in", g_variant_new_uint64(counts->packets[SALLYPORT_IN]));
	return g_variant_builder_end(&b);
}

/* --- List ------------------------------------------------------------------------- */

/* A call that waits for the kernel's listing. */
struct listing {
	struct sp_call *call;
	guint64 after;
	guint32 limit, reader;
};

static GVariant *page(const struct sp_flows *flows, const struct listing *listing)
{
	GVariantBuilder builder;
	guint32 left = listing->limit;
	gsize count;
	const struct sp_open_flow *open = sp_flows_get(flows, &count);

	g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
	for (gsize i = 0; i < count && left; i++) {
		if (open[i].number <= listing->after ||
		    (listing->reader != SP_ANY_USER &&
		     open[i].listed->flow.uid != listing->reader))
			continue;
		g_variant_builder_add_value(&builder, describe(flows, &open[i]));
		left--;
	}
	return g_variant_builder_end(&builder);
}

static void on_listed(struct sp_flows *flows, gboolean good, void *data)
{
	struct listing *listing = data;

	if (good)
		sp_call_return(listing->call,
			       g_variant_new("(x@aa{sv})", sp_flows_time(flows) / 1000,
					     page(flows, listing)));
	else
		sp_call_fail(listing->call, SP_ERROR_NOT_READY,
			     "the kernel module does not tell which flows are open");
	g_free(listing);
}

static void list(struct sp_call *call, void *data)
{
	static const char *const known[] = { "all", "b", NULL };
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	struct listing *listing;
	guint64 after;
	guint32 limit;

	g_variant_get(sp_call_arguments(call), "(tu@a{sv})", &after, &limit, &options);
	if (!sp_options_check(options, known, &error)) {
		sp_call_fail_with(call, error);
		return;
	}
	if (limit > PAGE_MAX) {
		sp_call_fail(call, SP_ERROR_LIMIT, "at most %d flows at once", PAGE_MAX);
		return;
	}
	listing = g_new0(struct listing, 1);
	listing->call = call;
	listing->after = after;
	listing->limit = limit;
	listing->reader = sp_call_all(call) ? SP_ANY_USER : sp_call_uid(call);
	sp_flows_refresh(face->parts->flows, on_listed, listing);
}

/* --- End -------------------------------------------------------------------------- */

/* A call that waits for its authority, then for the kernel. */
struct ending {
	struct sp_call *call;
	struct sp_link *link;
	GArray *refs;		/* struct sallyport_flow_ref */
};

static void ending_free(void *data)
{
	struct ending *ending = data;

	g_array_unref(ending->refs);
	g_free(ending);
}

static void on_ended(int error, void *data)
{
	struct ending *ending = data;

	if (error)
		sp_call_fail(ending->call, SP_ERROR_NOT_READY, "the flows could not be ended: %s",
			     g_strerror(error));
	else
		sp_call_return(ending->call, NULL);
	ending_free(ending);
}

static void end_granted(struct sp_call *call, void *data)
{
	struct ending *ending = data;

	sp_link_end_flows(ending->link,
			  (const struct sallyport_flow_ref *)(void *)ending->refs->data,
			  ending->refs->len, on_ended, ending);
}

/* Whoever owns a flow may end it; @effect becomes what ending all of them takes. */
static gboolean collect(struct ending *ending, const struct sp_flows *flows, GVariant *ids,
			enum sp_effect *effect)
{
	for (gsize i = 0; i < g_variant_n_children(ids); i++) {
		const struct sp_open_flow *open;
		struct sallyport_flow_ref ref;
		guint64 id;

		g_variant_get_child(ids, i, "t", &id);
		open = sp_flows_find(flows, id);
		if (!open) {
			sp_call_fail(ending->call, SP_ERROR_NO_SUCH_FLOW,
				     "there is no flow %" G_GUINT64_FORMAT " among those listed last; list them again",
				     id);
			return FALSE;
		}
		sp_flow_ref_of(&open->listed->flow, &ref);
		g_array_append_val(ending->refs, ref);
		*effect = MAX(*effect, open->listed->flow.uid == sp_call_uid(ending->call) ?
			      SP_EFFECT_OWN_NARROW : SP_EFFECT_SYSTEM);
	}
	return TRUE;
}

static void end(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GVariant) ids = NULL;
	enum sp_effect effect = SP_EFFECT_NONE;
	struct ending *ending;

	g_variant_get(sp_call_arguments(call), "(@at)", &ids);
	if (g_variant_n_children(ids) > END_MAX) {
		sp_call_fail(call, SP_ERROR_LIMIT, "at most %d flows at once", END_MAX);
		return;
	}
	ending = g_new0(struct ending, 1);
	ending->call = call;
	ending->link = face->parts->link;
	ending->refs = g_array_new(FALSE, FALSE, sizeof(struct sallyport_flow_ref));
	if (collect(ending, face->parts->flows, ids, &effect))
		sp_call_effect(call, effect, "end open connections", end_granted, ending,
			       ending_free);
	else
		ending_free(ending);
}

static const struct sp_method methods[] = {
	{ "handle-list", list },
	{ "handle-end", end },
	{ NULL, NULL },
};

GDBusInterfaceSkeleton *sp_face_flows(struct sp_face *face)
{
	SpBusFlows *skeleton = sp_bus_flows_skeleton_new();

	sp_serve(skeleton, face, methods);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}
