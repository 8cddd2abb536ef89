/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interface Questions: agents come, answer and go. */
#include "faces.h"

#include <stdlib.h>

#include <glib/gi18n-lib.h>

#include "access/methods.h"
#include "errors.h"
#include "sentence.h"
#include "serve.h"
#include "sp-bus.h"
#include "text.h"

/* One that registers, while it is found out which program it is. */
struct registering {
	struct sp_call *call;
	GDBusConnection *connection;	/* the face may have another by then */
	struct sp_agents *agents;
	char *program;
	gboolean packaged;		/* else a password was given for it */
};

static void registering_free(void *data)
{
	struct registering *registering = data;

	g_free(registering->program);
	g_object_unref(registering->connection);
	g_free(registering);
}

static void ask_password(struct registering *registering);

static void register_now(struct sp_call *call, void *data)
{
	struct registering *registering = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;

	/* Another one may have come while it was found out whether this one may. */
	if (registering->packaged &&
	    sp_agents_any_packaged(registering->agents, sp_call_peer(call))) {
		ask_password(registering);
		return;
	}
	g_variant_get(sp_call_arguments(call), "(oa{sv})", &path, NULL);
	if (sp_peer_is_gone(sp_call_peer(call)))
		sp_call_fail(call, SP_ERROR_NOT_AUTHORIZED, "the caller has gone");
	else if (sp_agents_register(registering->agents, registering->connection, sp_call_peer(call),
			       path, registering->packaged, &error))
		sp_call_return(call, NULL);
	else
		sp_call_fail_with(call, error);
	registering_free(registering);
}

/* A second packaged agent may be one that a program has started where nobody sees it. */
static void ask_password(struct registering *registering)
{
	static const char foreign[] =
		N_("Authentication is required to let this program answer the firewall's questions: $(what)");
	static const char second[] =
		N_("Authentication is required to let a second agent answer the firewall's questions: $(what)");
	const char *message = registering->packaged ? second : foreign;

	registering->packaged = FALSE;
	sp_call_also(registering->call, SP_ACTION("agent-foreign"), message, registering->program,
		     register_now, registering, registering_free);
}

static void on_packaged(gboolean packaged, const char *program, void *data)
{
	struct registering *registering = data;

	registering->program = g_strdup(program);
	registering->packaged = packaged;
	/* agent-foreign implies it: nobody is asked twice. */
	if (packaged &&
	    !sp_agents_any_packaged(registering->agents, sp_call_peer(registering->call)))
		sp_call_also(registering->call, SP_ACTION("answer"), NULL, NULL, register_now,
			     registering, registering_free);
	else
		ask_password(registering);
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

/* @data: the daemon's questions; they may have gone while a password was typed. */
static void answer_now(struct sp_call *call, void *data)
{
	const char *token, *action, *scope, *lifetime;
	g_autoptr(GError) error = NULL;
	guint64 id;

	g_variant_get(sp_call_arguments(call), "(t&s&s&s&s)", &id, &token, &action, &scope,
		      &lifetime);
	if (!sp_questions_answer(data, sp_call_peer(call), id, token, action, scope, lifetime,
				 on_answered, call, &error))
		sp_call_fail_with(call, error);
}

/* Where the administrator wants a password for every rule that allows. */
static gboolean takes_password(struct sp_call *call, const struct sp_face *face, char **what,
			       GError **error)
{
	const char *token, *action, *scope, *lifetime;
	struct sp_rule rule;
	guint64 id;

	*what = NULL;
	if (!face->parts->config->password_to_allow)
		return FALSE;
	g_variant_get(sp_call_arguments(call), "(t&s&s&s&s)", &id, &token, &action, &scope,
		      &lifetime);
	if (!sp_questions_would_allow(face->parts->questions, sp_call_peer(call), id, token, action,
				      scope, lifetime, &rule, error))
		return FALSE;
	*what = sp_sentence(&rule);
	sp_rule_clear(&rule);
	return TRUE;
}

static void answer(struct sp_call *call, void *data)
{
	struct sp_face *face = data;
	g_autoptr(GError) error = NULL;
	char *what;

	if (takes_password(call, face, &what, &error))
		sp_call_also(call, sp_effect_action(SP_EFFECT_OWN_WIDEN),
			     sp_effect_message(SP_EFFECT_OWN_WIDEN), what ? what : "", answer_now,
			     face->parts->questions, NULL);
	else if (error)
		sp_call_fail_with(call, error);
	else
		answer_now(call, face->parts->questions);
	free(what);
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

static const struct sp_method methods[] = {
	{ "handle-introduce", introduce },
	{ "handle-register-agent", register_agent },
	{ "handle-unregister-agent", unregister_agent },
	{ "handle-answer", answer },
	{ "handle-dismiss", dismiss },
	{ "handle-hold", hold },
	{ NULL, NULL },
};

GDBusInterfaceSkeleton *sp_face_questions(struct sp_face *face)
{
	SpBusQuestions *skeleton = sp_bus_questions_skeleton_new();

	sp_serve(skeleton, face, methods);
	return G_DBUS_INTERFACE_SKELETON(skeleton);
}
