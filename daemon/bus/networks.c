/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface Networks: where the machine is, and what people call that. */
#include "faces.h"

#include "errors.h"
#include "guarded.h"
#include "serve.h"
#include "sp-bus.h"

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

/* --- List ---------------------------------------------------------------------------- */

/* Several devices that lead to the same network follow each other in no order. */
static GVariant *devices(const GArray *list, guint first)
{
	const struct sp_network *one = &g_array_index(list, struct sp_network, first);
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_STRING_ARRAY);
	for (guint i = first; i < list->len; i++) {
		const struct sp_network *other = &g_array_index(list, struct sp_network, i);

		if (other->device && (i == first || (one->id && !g_strcmp0(one->id, other->id))))
			g_variant_builder_add_value(&b, g_variant_new_take_string(
				g_utf8_make_valid(other->device, -1)));
	}
	return g_variant_builder_end(&b);
}

static gboolean is_first(const GArray *list, guint at)
{
	const char *id = g_array_index(list, struct sp_network, at).id;

	for (guint i = 0; id && i < at; i++)
		if (!g_strcmp0(g_array_index(list, struct sp_network, i).id, id))
			return FALSE;
	return TRUE;
}

static GVariant *describe(const GArray *list, guint at)
{
	const struct sp_network *network = &g_array_index(list, struct sp_network, at);
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	add(&b, "id", g_variant_new_string(network->id ? network->id : ""));
	add(&b, "name", g_variant_new_string(network->name));
	add(&b, "title", g_variant_new_string(network->title));
	add(&b, "devices", devices(list, at));
	add(&b, "default", g_variant_new_boolean(network->leads_out));
	add(&b, "asks", g_variant_new_boolean(network->asks));
	add(&b, "maker", g_variant_new_uint32(network->maker));
	add(&b, "since", g_variant_new_int64(network->since));
	return g_variant_builder_end(&b);
}

static void list(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GArray) all = sp_networks_list(face->parts->networks);
	GVariantBuilder b;

	g_variant_builder_init(&b, G_VARIANT_TYPE("aa{sv}"));
	for (guint i = 0; i < all->len; i++)
		if (is_first(all, i))
			g_variant_builder_add_value(&b, describe(all, i));
	sp_call_return(call, g_variant_new("(aa{sv})", &b));
}

/* --- names --------------------------------------------------------------------------- */

/* A call that waits for its authority, then for the kernel. */
struct naming {
	struct sp_call *call;
	struct sp_networks *networks;
	struct sp_policy *policy;
	struct sp_guard *guard;
	char *id, *name;	/* name NULL: to be forgotten */
	gboolean guarded;
};

static void naming_free(void *data)
{
	struct naming *naming = data;

	g_free(naming->id);
	g_free(naming->name);
	g_free(naming);
}

static void on_done(const GError *error, void *data)
{
	struct naming *naming = data;

	if (naming->guarded)
		sp_guard_made(naming->guard);
	if (error)
		sp_call_fail_with(naming->call, error);
	else
		sp_call_return(naming->call, NULL);
	naming_free(naming);
}

/* FALSE: the caller was told. */
static gboolean begin_guarded(struct naming *naming)
{
	g_autoptr(GError) error = NULL;

	if (!sp_call_guarded(naming->call, naming->guard, "bus", &naming->guarded))
		return FALSE;
	if (!naming->guarded || sp_guard_name(naming->guard, naming->id, &error))
		return TRUE;
	sp_guard_made(naming->guard);
	sp_call_fail_with(naming->call, error);
	return FALSE;
}

static void change_name(struct naming *naming)
{
	guint32 uid = sp_call_uid(naming->call);

	if (naming->name)
		sp_networks_name(naming->networks, naming->id, naming->name, uid, on_done, naming);
	else
		sp_networks_forget(naming->networks, naming->id, uid, on_done, naming);
}

/* Where that could not be, connections may end that would only be stopped. */
static void on_settled(const GError *error, const guint64 *ids, gsize count, void *data)
{
	change_name(data);
}

static void granted(struct sp_call *call, void *data)
{
	struct naming *naming = data;

	if (!begin_guarded(naming))
		naming_free(naming);
	else if (naming->guarded)
		sp_policy_settle(naming->policy, on_settled, naming);
	else
		change_name(naming);
}

static struct naming *naming_new(struct sp_call *call, const struct sp_face *face)
{
	struct naming *naming = g_new0(struct naming, 1);

	naming->call = call;
	naming->networks = face->parts->networks;
	naming->policy = face->parts->policy;
	naming->guard = face->parts->guard;
	g_variant_get_child(sp_call_arguments(call), 0, "s", &naming->id);
	return naming;
}

static void name(struct sp_call *call, void *data)
{
	struct naming *naming = naming_new(call, data);
	g_autofree char *what = NULL, *literal = NULL;
	const char *text;

	g_variant_get_child(sp_call_arguments(call), 1, "&s", &text);
	if (!sp_network_is_name(text)) {
		sp_call_fail(call, SP_ERROR_INVALID_ARGUMENT,
			     "the name of a network is a line of 1 to %d bytes",
			     SP_NETWORK_NAME_MAX);
		naming_free(naming);
		return;
	}
	naming->name = g_strdup(text);
	literal = g_strdup(sp_networks_title(naming->networks, naming->id));
	what = g_strdup_printf("the network %s is called %s", literal ? literal : "?", text);
	sp_call_effect(call, SP_EFFECT_SYSTEM, what, granted, naming, naming_free);
}

static void forget(struct sp_call *call, void *data)
{
	struct naming *naming = naming_new(call, data);
	g_autofree char *what = NULL;
	const char *title = sp_networks_title(naming->networks, naming->id);

	what = g_strdup_printf("the network %s has no name any more", title ? title : "?");
	sp_call_effect(call, SP_EFFECT_SYSTEM, what, granted, naming, naming_free);
}

static void ignore(struct sp_call *call, void *data)
{
	struct naming *naming = naming_new(call, data);

	sp_networks_ignore(naming->networks, naming->id, sp_call_uid(call), on_done, naming);
}

/* --- methods ------------------------------------------------------------------------- */

static const struct sp_method methods[] = {
	{ "handle-list", list },
	{ "handle-name", name },
	{ "handle-forget", forget },
	{ "handle-ignore", ignore },
	{ NULL, NULL },
};

GDBusInterfaceSkeleton *sp_face_networks(struct sp_face *face)
{
	SpBusNetworks *skeleton = sp_bus_networks_skeleton_new();

	sp_serve(skeleton, face, methods);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}

void sp_face_networks_changed(GDBusInterfaceSkeleton *networks)
{
	sp_bus_networks_emit_changed(SP_BUS_NETWORKS(networks));
}
