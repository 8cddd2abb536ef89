/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface Manager: what everyone may know; settings.c has what changes the mode. */
#include "faces.h"

#include "flow_text.h"
#include "serve.h"
#include "settings.h"
#include "sp-bus.h"
#include "stat_names.h"

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

/* @kernel is NULL where the module did not answer. */
static gboolean is_off(const struct sp_report *kernel)
{
	return kernel && kernel->status.mode == SALLYPORT_MODE_OFF;
}

static const char *state_text(const struct sp_parts *parts, const struct sp_report *kernel)
{
	switch (sp_link_state(parts->link)) {
	case SP_LINK_STOPPED:
	case SP_LINK_NO_MODULE:
		return "no module";
	case SP_LINK_FAILED:
		return "degraded";
	case SP_LINK_RUNNING:
		if (is_off(kernel))
			return "off";
		return !kernel || kernel->status.degraded || parts->damaged ||
		       sp_policy_unconfirmed(parts->policy) ||
		       sp_policy_files_trouble(parts->files) ? "degraded" : "protecting";
	}
	g_assert_not_reached();
}

static GVariant *store_trouble(const struct sp_parts *parts)
{
	char *trouble = sp_store_thread_trouble(parts->store);

	if (!trouble)
		trouble = g_strdup(parts->damaged ? parts->damaged : "");
	return g_variant_new_take_string(trouble);
}

static void add_store_reasons(const struct sp_parts *parts, GVariantBuilder *builder)
{
	g_autofree char *trouble = sp_store_thread_trouble(parts->store);
	gsize unconfirmed = sp_policy_unconfirmed(parts->policy);
	g_autofree char *words = g_strdup_printf("%" G_GSIZE_FORMAT " rules that allow were restored from "
						 "an older copy and ask until they are confirmed",
						 unconfirmed);

	if (trouble)
		g_variant_builder_add(builder, "s", trouble);
	if (unconfirmed)
		g_variant_builder_add(builder, "s", words);
	if (sp_policy_files_trouble(parts->files))
		g_variant_builder_add(builder, "s", sp_policy_files_trouble(parts->files));
}

static GVariant *reasons(const struct sp_parts *parts, const struct sp_report *kernel)
{
	static const struct {
		guint32 flag;
		const char *words;
	} flaws[] = {
		{ SALLYPORT_DEGRADED_EXEC, "the kernel does not tell when programs are executed" },
		{ SALLYPORT_DEGRADED_CONNECT, "the kernel does not tell when connections change" },
		{ SALLYPORT_DEGRADED_BIND, "the kernel does not tell when sockets are bound" },
		{ SALLYPORT_DEGRADED_DESTRUCT, "the kernel does not tell when sockets end" },
		{ SALLYPORT_DEGRADED_EGRESS, "the kernel does not show what packet sockets send" },
		{ SALLYPORT_DEGRADED_ACCEPT, "the kernel does not tell when connections are accepted" },
		{ SALLYPORT_DEGRADED_MPTCP, "the kernel does not tell whose further MPTCP subflows are" },
	};
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
	if (sp_link_state(parts->link) != SP_LINK_RUNNING)
		g_variant_builder_add(&builder, "s", sp_link_message(parts->link));
	else if (!kernel)
		g_variant_builder_add(&builder, "s", "the kernel module does not say how it is");
	if (is_off(kernel) && sp_modes_get(parts->modes)->mode != SP_MODE_OFF)
		g_variant_builder_add(&builder, "s", "the kernel module was told to judge nothing (mode=off)");
	if (parts->damaged)
		g_variant_builder_add(&builder, "s", parts->damaged);
	add_store_reasons(parts, &builder);
	for (size_t i = 0; kernel && i < G_N_ELEMENTS(flaws); i++)
		if (kernel->status.degraded & flaws[i].flag)
			g_variant_builder_add(&builder, "s", flaws[i].words);
	return g_variant_builder_end(&builder);
}

static void add_own_counters(GVariantBuilder *builder, const struct sp_report *kernel)
{
	const struct {
		const char *name;
		guint64 value;
	} own[] = {
		{ "daemon-unmatched", kernel->status.unmatched },
		{ "daemon-queue-full", kernel->status.losses.full },
		{ "daemon-queue-overrun", kernel->status.losses.overrun },
		{ "daemon-limited", kernel->status.limited },
		{ "daemon-failed", kernel->status.failed },
		{ "daemon-alone", kernel->status.alone },
		{ "daemon-waiting", kernel->status.waiting },
	};

	for (size_t i = 0; i < G_N_ELEMENTS(own); i++)
		g_variant_builder_add(builder, "{st}", own[i].name, own[i].value);
}

static GVariant *counters(const struct sp_report *kernel)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{st}"));
	for (int i = 0; kernel && i < __SALLYPORT_STAT_MAX; i++)
		g_variant_builder_add(&builder, "{st}", sp_stat_name(i),
				      (guint64)kernel->status.stats[i]);
	if (kernel)
		add_own_counters(&builder, kernel);
	return g_variant_builder_end(&builder);
}

static GVariant *tables(const struct sp_report *kernel)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("a{s(uu)}"));
	for (unsigned i = 0; kernel && i < sp_table_count; i++) {
		const struct sp_table_name *t = &sp_table_names[i];
		const char *base = (const char *)&kernel->status.tables;

		g_variant_builder_add(&builder, "{s(uu)}", t->name,
				      *(const guint32 *)(const void *)(base + t->fill),
				      *(const guint32 *)(const void *)(base + t->size));
	}
	return g_variant_builder_end(&builder);
}

/* The kernel's word counts: where it judges nothing, nothing is judged. */
static void add_mode(GVariantBuilder *b, const struct sp_parts *parts,
		     const struct sp_report *kernel)
{
	const struct sp_mode_state *state = sp_modes_get(parts->modes);

	add(b, "mode", g_variant_new_string(is_off(kernel) ? "off" : sp_mode_text(state->mode)));
	add(b, "mode-since", g_variant_new_int64(state->since));
	add(b, "mode-until", g_variant_new_int64(sp_modes_until(parts->modes)));
	add(b, "mode-maker", g_variant_new_uint32(state->maker));
	add(b, "mode-reason", g_variant_new_string(state->reason));
	add(b, "guard-deadline", g_variant_new_int64(sp_guard_deadline(parts->guard)));
	add(b, "guard-user", g_variant_new_uint32(sp_guard_user(parts->guard)));
}

static GVariant *describe(const struct sp_parts *parts, const struct sp_report *kernel)
{
	const struct sp_defaults *defaults = sp_policy_defaults(parts->policy);
	GVariantBuilder b;
	gsize rules;

	sp_policy_rules(parts->policy, &rules);
	g_variant_builder_init(&b, G_VARIANT_TYPE_VARDICT);
	add(&b, "version", g_variant_new_string(SALLYPORT_VERSION));
	add(&b, "module-version", g_variant_new_string(kernel ? kernel->status.module_version : ""));
	add(&b, "state", g_variant_new_string(state_text(parts, kernel)));
	add(&b, "reasons", reasons(parts, kernel));
	add(&b, "store-trouble", store_trouble(parts));
	add_mode(&b, parts, kernel);
	add(&b, "epoch", g_variant_new_uint64(kernel ? kernel->status.epoch :
						       sp_policy_epoch(parts->policy)));
	add(&b, "rules", g_variant_new_uint32(rules));
	add(&b, "questions", g_variant_new_uint32(sp_questions_count(parts->questions)));
	add(&b, "agents", g_variant_new_uint32(sp_agents_count(parts->agents)));
	add(&b, "default-out", g_variant_new_string(sp_action_text(defaults->out)));
	add(&b, "default-in", g_variant_new_string(sp_action_text(defaults->in)));
	add(&b, "counters", counters(kernel));
	add(&b, "tables", tables(kernel));
	add(&b, "since", g_variant_new_int64(parts->since));
	return g_variant_builder_end(&b);
}

/* A call that waits for the kernel's figures. */
struct asked {
	struct sp_call *call;
	const struct sp_parts *parts;
};

static void on_status(const struct sp_report *status, void *data)
{
	struct asked *asked = data;

	sp_call_return(asked->call, g_variant_new("(@a{sv})", describe(asked->parts, status)));
	g_free(asked);
}

static void get_status(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	struct asked *asked = g_new0(struct asked, 1);

	asked->call = call;
	asked->parts = face->parts;
	sp_link_status(face->parts->link, on_status, asked);
}

static const struct sp_method methods[] = {
	{ "handle-get-status", get_status },
	{ NULL, NULL },
};

GDBusInterfaceSkeleton *sp_face_manager(struct sp_face *face)
{
	SpBusManager *skeleton = sp_bus_manager_skeleton_new();

	sp_serve(skeleton, face, methods);
	sp_face_settings(skeleton, face);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}

void sp_face_state_changed(GDBusInterfaceSkeleton *manager)
{
	sp_bus_manager_emit_changed(SP_BUS_MANAGER(manager));
}
