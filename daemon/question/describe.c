/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See describe.h. */
#include "describe.h"

#include <stdlib.h>
#include <string.h>
#include "flow_text.h"
#include "sentence.h"
#include "text.h"

/* Of a host's further addresses. */
#define REMOTES_TOLD	8u

static const struct {
	guint32 flag;
	const char *name;
} image_flags[] = {
	{ SALLYPORT_IMAGE_FOREIGN, "foreign" },
	{ SALLYPORT_IMAGE_DELETED, "deleted" },
	{ SALLYPORT_IMAGE_USERNS, "userns" },
	{ SALLYPORT_IMAGE_PRIVATE, "private" },
	{ SALLYPORT_IMAGE_OLDER, "older" },
	{ SALLYPORT_IMAGE_NOPATH, "no-path" },
}, flow_flags[] = {
	{ SALLYPORT_FLOW_GROUP, "group" },
	{ SALLYPORT_FLOW_INHERITED, "inherited" },
	{ SALLYPORT_FLOW_NETNS, "namespace" },
}, process_flags[] = {
	{ SALLYPORT_PROCESS_TRACED, "traced" },
	{ SALLYPORT_PROCESS_SECURE, "secure" },
};

static const char *base_name(const struct sp_waiting *waiting, size_t *length)
{
	const char *slash = memrchr(waiting->path, '/', waiting->path_length);
	const char *name = slash ? slash + 1 : waiting->path;

	if (!waiting->path_length) {
		*length = strnlen(waiting->comm, sizeof(waiting->comm));
		return waiting->comm;
	}
	*length = waiting->path + waiting->path_length - name;
	return name;
}

static char *title(const struct sp_question *question)
{
	const struct sallyport_flow *flow = &question->waiting->flow;
	const struct sp_host *host = &question->waiting->host;
	g_autofree char *remote = host->origin == SP_HOST_BY_ITSELF ?
		g_strdup(host->name) : sp_address_text(flow->remote);
	g_autofree char *protocol = sp_protocol_text(flow->protocol);
	g_autofree char *port = question->key.port ?
		g_strdup_printf("port %u (%s)", question->key.port, protocol) :
		g_strdup_printf("%s", protocol);
	size_t length;
	const char *name = base_name(question->waiting, &length);
	g_autofree char *program = length ? g_strndup(name, length) :
					    g_strdup("An unknown program");

	if (flow->direction == SALLYPORT_IN)
		return g_strdup_printf("%s would accept a connection from %s on %s",
				       program, remote, port);
	return g_strdup_printf("%s wants to connect to %s on %s", program, remote, port);
}

static GVariant *flags(const struct sp_question *question)
{
	const struct sp_waiting *waiting = question->waiting;
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
	for (size_t i = 0; i < G_N_ELEMENTS(image_flags); i++)
		if (waiting->image.flags & image_flags[i].flag)
			g_variant_builder_add(&builder, "s", image_flags[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(flow_flags); i++)
		if (waiting->flow.flags & flow_flags[i].flag)
			g_variant_builder_add(&builder, "s", flow_flags[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(process_flags); i++)
		if (waiting->process_flags & process_flags[i].flag)
			g_variant_builder_add(&builder, "s", process_flags[i].name);
	if (sp_question_is_changed(question))
		g_variant_builder_add(&builder, "s", "changed");
	return g_variant_builder_end(&builder);
}

static void add(GVariantBuilder *builder, const char *key, GVariant *value)
{
	g_variant_builder_add(builder, "{sv}", key, value);
}

static void describe_package(GVariantBuilder *builder, const struct sp_process *process)
{
	static const char *const states[] = {
		[SP_PACKAGE_UNMODIFIED] = "unmodified", [SP_PACKAGE_MODIFIED] = "modified",
	};

	if (!process || !process->package)
		return;
	sp_describe_text(builder, "package", process->package, strlen(process->package));
	if (states[process->package_state])
		add(builder, "package-state", g_variant_new_string(states[process->package_state]));
}

/* What can come late. Made harmless where it was read. */
static void describe_process(GVariantBuilder *builder, const struct sp_process *process)
{
	add(builder, "user-name", g_variant_new_string(process ? process->user_name : ""));
	add(builder, "command-line", g_variant_new_string(process ? process->command_line : ""));
	describe_package(builder, process);
}

/* By its cgroup. */
static void describe_place(GVariantBuilder *builder, const struct sp_cgroup *cgroup)
{
	if (*cgroup->unit)
		sp_describe_text(builder, "unit", cgroup->unit, strlen(cgroup->unit));
	if (*cgroup->app)
		sp_describe_text(builder, "app", cgroup->app, strlen(cgroup->app));
	if (*cgroup->container)
		sp_describe_text(builder, "container", cgroup->container,
				 strlen(cgroup->container));
}

/* The kernel's word where there is one; else /proc's, which may be about another by now. */
static void describe_launch(GVariantBuilder *builder, const struct sp_question *question)
{
	const struct sp_waiting *waiting = question->waiting;
	const char *path = waiting->ancestor_paths;
	g_autoptr(GStrvBuilder) chain = g_strv_builder_new();
	g_auto(GStrv) texts = NULL;
	char *literal;

	for (guint i = 0; i < waiting->ancestors; i++, path += strlen(path) + 1) {
		literal = sp_text_literal(path, strlen(path));
		g_strv_builder_add(chain, literal ?: "");
		free(literal);
	}
	texts = g_strv_builder_end(chain);
	add(builder, "parent", g_variant_new_string(texts[0] && *texts[0] ? texts[0] :
						    question->process ? question->process->parent : ""));
	if (texts[0])
		add(builder, "ancestors", g_variant_new_strv((const char *const *)texts, -1));
	if (*waiting->script)
		sp_describe_text(builder, "script", waiting->script, strlen(waiting->script));
	if (*waiting->bundle)
		sp_describe_text(builder, "bundle", waiting->bundle, strlen(waiting->bundle));
}

/* What asked; without it, it was the default. */
static void describe_ask(GVariantBuilder *builder, const struct sp_question *question)
{
	char *text;

	if (!question->asked_by_rule)
		return;
	text = sp_text_print(&question->ask, NULL);
	add(builder, "rule", g_variant_new_uint64(question->ask.id));
	sp_describe_text(builder, "rule-text", text ? text : "", text ? strlen(text) : 0);
	free(text);
}

static void describe_program(GVariantBuilder *builder, const struct sp_question *question)
{
	const struct sp_waiting *waiting = question->waiting;
	g_autofree char *words = title(question);
	size_t length;
	const char *name = base_name(waiting, &length);

	sp_describe_text(builder, "title", words, strlen(words));
	sp_describe_text(builder, "program", waiting->path, waiting->path_length);
	sp_describe_text(builder, "name", name, length);
	add(builder, "image", g_variant_new_uint64(waiting->flow.image));
	describe_process(builder, question->process);
	describe_launch(builder, question);
	describe_place(builder, &waiting->cgroup);
	if (*waiting->hash)
		add(builder, "hash", g_variant_new_string(waiting->hash));
	if (question->runner)
		add(builder, "runs", g_variant_new_string(sp_runner_name(question->runner)));
	describe_ask(builder, question);
	if (question->past.known)
		add(builder, "past", g_variant_new("(uuu)", question->past.allowed,
						   question->past.denied, question->past.hosts));
	add(builder, "flags", flags(question));
}

/* What waits, wherever to. */
static void describe_flows(GVariantBuilder *builder, const struct sp_question *question)
{
	g_autoptr(GStrvBuilder) remotes = g_strv_builder_new();
	g_auto(GStrv) texts = NULL;

	for (guint i = 0; i < MIN(question->followers->len, REMOTES_TOLD); i++) {
		const struct sp_question *follower = question->followers->pdata[i];
		g_autofree char *remote = sp_address_text(follower->waiting->flow.remote);

		g_strv_builder_add(remotes, remote);
	}
	texts = g_strv_builder_end(remotes);
	add(builder, "flows", g_variant_new_uint32(sp_question_count_flows(question)));
	add(builder, "other-remotes", g_variant_new_strv((const char *const *)texts, -1));
}

GVariant *sp_question_describe(const struct sp_question *question,
			       const struct sp_offer *offer)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	describe_program(&builder, question);
	sp_flow_describe(&builder, &question->waiting->flow);
	sp_host_describe(&builder, &question->waiting->host);
	describe_flows(&builder, question);
	add(&builder, "created", g_variant_new_int64(question->created));
	add(&builder, "deadline", g_variant_new_int64(question->deadline));
	add(&builder, "outcome", g_variant_new_string(sp_action_text(question->outcome)));
	add(&builder, "scopes", sp_offer_scopes(offer));
	add(&builder, "lifetimes", sp_offer_lifetimes(offer));
	add(&builder, "lifetime-default",
	    g_variant_new_string(sp_lifetime_name(offer->lifetime)));
	return g_variant_builder_end(&builder);
}

GVariant *sp_question_describe_changes(const struct sp_question *question)
{
	GVariantBuilder builder;

	g_variant_builder_init(&builder, G_VARIANT_TYPE_VARDICT);
	describe_flows(&builder, question);
	add(&builder, "deadline", g_variant_new_int64(question->deadline));
	add(&builder, "held", g_variant_new_boolean(question->left != 0));
	describe_process(&builder, question->process);
	if (*question->waiting->hash)
		add(&builder, "hash", g_variant_new_string(question->waiting->hash));
	return g_variant_builder_end(&builder);
}
