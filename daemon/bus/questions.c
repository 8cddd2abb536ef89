/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface Questions: agents come, answer and go. */
#include "faces.h"

#include <stdlib.h>

#include <glib/gi18n-lib.h>

#include "access/call.h"
#include "access/methods.h"
#include "errors.h"
#include "sentence.h"
#include "sp-bus.h"
#include "text.h"

/* One that registers, while it is found out which program it is. */
struct registering {
	struct sp_call *call;
	GDBusConnection *connection;	/* the face may have another by then */
	struct sp_agents *agents;
};

static void registering_free(void *data)
{
	struct registering *registering = data;

	g_object_unref(registering->connection);
	g_free(registering);
}

static void register_now(struct sp_call *call, void *data)
{
	struct registering *registering = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;

	g_variant_get(sp_call_arguments(call), "(oa{sv})", &path, NULL);
	if (sp_peer_is_gone(sp_call_peer(call)))
		sp_call_fail(call, SP_ERROR_NOT_AUTHORIZED, "the caller has gone");
	else if (sp_agents_register(registering->agents, registering->connection, sp_call_peer(call),
			       path, &error))
		sp_call_return(call, NULL);
	else
		sp_call_fail_with(call, error);
	registering_free(registering);
}

static void on_packaged(gboolean packaged, const char *program, void *data)
{
	static const char message[] =
		N_("Authentication is required to let this program answer the firewall's questions: $(what)");
	struct registering *registering = data;

	if (packaged)
		register_now(registering->call, registering);
	else
		sp_call_also(registering->call, SP_ACTION("agent-foreign"), message, program,
			     register_now, registering, registering_free);
}

static void register_agent(struct sp_call *call, void *data)
{
	static const char *const known[] = { "kind", "s", NULL };
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	struct registering *registering;

	g_variant_get(sp_call_arguments(call), "(o@a{sv})", NULL, &options);
	if (!sp_options_check(options, known, &error)) {
		sp_call_fail_with(call, error);
		return;
	}
	registering = g_new0(struct registering, 1);
	registering->call = call;
	registering->agents = face->parts->agents;
	registering->connection = g_object_ref(face->connection);
	if (sp_call_uid(call) == 0)
		register_now(call, registering);
	else
		sp_packaged_check(face->packaged, sp_peer_name(sp_call_peer(call)), on_packaged,
				  registering);
}

static void on_introduced(void *data)
{
	sp_call_return(data, NULL);
}

static void introduce(struct sp_call *call, void *data)
{
	struct sp_face *face = data;

	sp_packaged_introduce(face->packaged, sp_peer_name(sp_call_peer(call)), on_introduced, call);
}

static void unregister_agent(struct sp_call *call, void *data)
{
	struct sp_face *face = data;

	if (sp_agents_unregister(face->parts->agents, sp_call_peer(call)))
		sp_call_return(call, NULL);
	else
		sp_call_fail(call, SP_ERROR_NO_SUCH_QUESTION, "this connection has no agent");
}

static void on_answered(const GError *error, void *data)
{
	struct sp_call *call = data;

	if (error)
		sp_call_fail_with(call, error);
	else
		sp_call_return(call, NULL);
}

static void answer(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	const char *token, *action, *scope, *lifetime;
	g_autoptr(GError) error = NULL;
	guint64 id;

	g_variant_get(sp_call_arguments(call), "(t&s&s&s&s)", &id, &token, &action, &scope,
		      &lifetime);
	if (!sp_questions_answer(face->parts->questions, sp_call_peer(call), id, token, action,
				 scope, lifetime, on_answered, call, &error))
		sp_call_fail_with(call, error);
}

static void dismiss(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GError) error = NULL;
	const char *token;
	guint64 id;

	g_variant_get(sp_call_arguments(call), "(t&s)", &id, &token);
	if (sp_questions_dismiss(face->parts->questions, sp_call_peer(call), id, token, &error))
		sp_call_return(call, NULL);
	else
		sp_call_fail_with(call, error);
}

static void hold(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GError) error = NULL;
	const char *token;
	gboolean held;
	guint64 id;

	g_variant_get(sp_call_arguments(call), "(t&sb)", &id, &token, &held);
	if (sp_questions_hold(face->parts->questions, sp_call_peer(call), id, token, held,
			      &error))
		sp_call_return(call, NULL);
	else
		sp_call_fail_with(call, error);
}

static gboolean on_introduce(SpBusQuestions *skeleton, GDBusMethodInvocation *invocation,
			     struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, introduce, face);
	return TRUE;
}

static gboolean on_register(SpBusQuestions *skeleton, GDBusMethodInvocation *invocation,
			    const char *path, GVariant *options, struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, register_agent, face);
	return TRUE;
}

static gboolean on_unregister(SpBusQuestions *skeleton, GDBusMethodInvocation *invocation,
			      struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, unregister_agent, face);
	return TRUE;
}

static gboolean on_answer(SpBusQuestions *skeleton, GDBusMethodInvocation *invocation,
			  guint64 id, const char *token, const char *action,
			  const char *scope, const char *lifetime, struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, answer, face);
	return TRUE;
}

static gboolean on_dismiss(SpBusQuestions *skeleton, GDBusMethodInvocation *invocation,
			   guint64 id, const char *token, struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, dismiss, face);
	return TRUE;
}

static gboolean on_hold(SpBusQuestions *skeleton, GDBusMethodInvocation *invocation,
			guint64 id, const char *token, gboolean held, struct sp_face *face)
{
	sp_call_enter(face->peers, invocation, hold, face);
	return TRUE;
}

static GVariant *describe(const struct sp_rule *rule)
{
	char *text = sp_text_print(rule, NULL), *sentence = sp_sentence(rule);
	GVariantDict dict;

	g_variant_dict_init(&dict, NULL);
	g_variant_dict_insert(&dict, "id", "t", rule->id);
	g_variant_dict_insert(&dict, "text", "s", text ? text : "");
	g_variant_dict_insert(&dict, "sentence", "s", sentence ? sentence : "");
	g_variant_dict_insert(&dict, "owner", "u", rule->owner);
	free(text);
	free(sentence);
	return g_variant_dict_end(&dict);
}

void sp_face_widened(const struct sp_parts *parts, const struct sp_widened *widened)
{
	GVariantBuilder rules;

	g_variant_builder_init(&rules, G_VARIANT_TYPE("aa{sv}"));
	for (gsize i = 0; i < widened->named; i++)
		g_variant_builder_add_value(&rules, describe(widened->rules[i]));
	sp_agents_widened(parts->agents, widened->owner,
			  g_variant_new("(aa{sv}uus)", &rules, (guint32)widened->count,
					widened->maker, widened->how));
}

GDBusInterfaceSkeleton *sp_face_questions(struct sp_face *face)
{
	SpBusQuestions *skeleton = sp_bus_questions_skeleton_new();

	g_signal_connect(skeleton, "handle-introduce", G_CALLBACK(on_introduce), face);
	g_signal_connect(skeleton, "handle-register-agent", G_CALLBACK(on_register), face);
	g_signal_connect(skeleton, "handle-unregister-agent", G_CALLBACK(on_unregister), face);
	g_signal_connect(skeleton, "handle-answer", G_CALLBACK(on_answer), face);
	g_signal_connect(skeleton, "handle-dismiss", G_CALLBACK(on_dismiss), face);
	g_signal_connect(skeleton, "handle-hold", G_CALLBACK(on_hold), face);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}
