/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions: from the bus's dictionary to a plain structure. */
#include "question.h"

#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "format.h"
#include "sentence.h"
#include "text.h"
#include "width.h"

static void scope_free(gpointer data)
{
	struct sp_scope *scope = data;

	g_free(scope->name);
	g_free(scope->label);
	g_free(scope->text);
	g_free(scope);
}

static char *text(GVariant *dict, const char *key)
{
	return sp_width_harmless(sp_dict_string(dict, key));
}

static guint32 number(GVariant *dict, const char *key)
{
	return (guint32)sp_dict_number(dict, key);
}

static char *title(GVariant *dict)
{
	char *words = text(dict, "title");
	char *sentence;

	if (g_str_has_suffix(words, "."))
		return words;
	sentence = g_strconcat(words, ".", NULL);
	g_free(words);
	return sentence;
}

static GStrv list(GVariant *dict, const char *key)
{
	GStrv strings = NULL;

	if (!g_variant_lookup(dict, key, "^as", &strings))
		strings = g_new0(char *, 1);
	return strings;
}

static GStrv harmless_list(GVariant *dict, const char *key)
{
	GStrv strings = list(dict, key);

	for (guint i = 0; strings[i]; i++) {
		char *harmless = sp_width_harmless(strings[i]);

		g_free(strings[i]);
		strings[i] = harmless;
	}
	return strings;
}

static GPtrArray *scopes(GVariant *dict)
{
	g_autoptr(GVariant) array = g_variant_lookup_value(dict, "scopes",
							   G_VARIANT_TYPE("a(sss)"));
	GPtrArray *result = g_ptr_array_new_with_free_func(scope_free);
	const char *name, *label, *rule;
	GVariantIter iter;

	if (!array)
		return result;
	g_variant_iter_init(&iter, array);
	while (g_variant_iter_next(&iter, "(&s&s&s)", &name, &label, &rule)) {
		struct sp_scope *scope = g_new0(struct sp_scope, 1);

		scope->name = g_strdup(name);
		scope->label = sp_width_harmless(label);
		scope->text = sp_width_harmless(rule);
		g_ptr_array_add(result, scope);
	}
	return result;
}

static void fill_text(struct sp_question *q, GVariant *dict)
{
	q->title = title(dict);
	q->program = text(dict, "program");
	q->name = text(dict, "name");
	q->user_name = text(dict, "user-name");
	q->command_line = text(dict, "command-line");
	q->parent = text(dict, "parent");
	q->remote = text(dict, "remote");
	q->other_remotes = harmless_list(dict, "other-remotes");
	q->protocol = text(dict, "protocol");
	q->interface = text(dict, "interface");
}

/* A name without a word on where it comes from is somebody else's. */
static void fill_host(struct sp_question *q, GVariant *dict)
{
	static const char *const sources[] = {
		[SP_HOST_DOUBTFUL] = "doubtful", [SP_HOST_NETWORK] = "network",
		[SP_HOST_SYSTEM] = "system", [SP_HOST_OWN] = "own",
	};
	const char *source = sp_dict_string(dict, "host-source");

	q->host = text(dict, "host");
	if (!*q->host)
		return;
	q->host_source = SP_HOST_OTHER;
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		if (sources[i] && strcmp(source, sources[i]) == 0)
			q->host_source = (enum sp_host_source)i;
}

static enum sp_package_state package_state(const char *text)
{
	if (strcmp(text, "unmodified") == 0)
		return SP_PACKAGE_UNMODIFIED;
	return strcmp(text, "modified") == 0 ? SP_PACKAGE_MODIFIED : SP_PACKAGE_UNKNOWN;
}

static void fill_program(struct sp_question *q, GVariant *dict)
{
	q->image = sp_dict_number(dict, "image");
	q->package = text(dict, "package");
	q->package_state = package_state(sp_dict_string(dict, "package-state"));
	q->script = text(dict, "script");
	q->bundle = text(dict, "bundle");
	q->hash = text(dict, "hash");
	q->runs = text(dict, "runs");
	q->rule = text(dict, "rule-text");
	q->ancestors = harmless_list(dict, "ancestors");
	q->unit = text(dict, "unit");
	q->app = text(dict, "app");
	q->container = text(dict, "container");
	q->past_known = g_variant_lookup(dict, "past", "(uuu)", &q->past_allowed,
					 &q->past_denied, &q->past_hosts);
}

struct sp_question *sp_question_new(guint64 id, const char *token, GVariant *dict)
{
	struct sp_question *q = g_new0(struct sp_question, 1);

	q->id = id;
	q->token = g_strdup(token);
	q->dict = g_variant_ref(dict);
	fill_text(q, dict);
	fill_host(q, dict);
	fill_program(q, dict);
	q->inbound = strcmp(sp_dict_string(dict, "direction"), "in") == 0;
	q->drops = strcmp(sp_dict_string(dict, "outcome"), "drop") == 0;
	q->user = number(dict, "user");
	q->pid = number(dict, "pid");
	q->remote_port = number(dict, "remote-port");
	q->local_port = number(dict, "local-port");
	q->flows = number(dict, "flows");
	q->deadline = (gint64)sp_dict_number(dict, "deadline");
	q->flags = list(dict, "flags");
	q->scopes = scopes(dict);
	q->lifetimes = list(dict, "lifetimes");
	q->lifetime_default = g_strdup(sp_dict_string(dict, "lifetime-default"));
	if (q->scopes->len && q->lifetimes[0])
		return q;
	sp_question_free(q);
	return NULL;
}

void sp_question_free(struct sp_question *q)
{
	if (!q)
		return;
	g_free(q->token);
	g_free(q->title);
	g_free(q->program);
	g_free(q->name);
	g_free(q->user_name);
	g_free(q->command_line);
	g_free(q->parent);
	g_free(q->remote);
	g_strfreev(q->other_remotes);
	g_free(q->protocol);
	g_free(q->interface);
	g_free(q->host);
	g_free(q->package);
	g_free(q->script);
	g_free(q->bundle);
	g_free(q->hash);
	g_free(q->runs);
	g_free(q->rule);
	g_strfreev(q->ancestors);
	g_free(q->unit);
	g_free(q->app);
	g_free(q->container);
	g_variant_unref(q->dict);
	g_strfreev(q->flags);
	g_ptr_array_unref(q->scopes);
	g_strfreev(q->lifetimes);
	g_free(q->lifetime_default);
	g_free(q);
}

/* FALSE: it was not told, or is what it was. */
static gboolean take_text(GVariant *changes, const char *key, char **field)
{
	char *now;

	if (!*sp_dict_string(changes, key))
		return FALSE;
	now = text(changes, key);
	if (strcmp(now, *field) == 0) {
		g_free(now);
		return FALSE;
	}
	g_free(*field);
	*field = now;
	return TRUE;
}

static gboolean take_package(struct sp_question *q, GVariant *changes)
{
	const char *state = sp_dict_string(changes, "package-state");
	gboolean news = take_text(changes, "package", &q->package);
	enum sp_package_state before = q->package_state;

	if (*state)
		q->package_state = package_state(state);
	return news || q->package_state != before;
}

static gboolean take_remotes(struct sp_question *q, GVariant *changes)
{
	GStrv now;

	if (!g_variant_lookup(changes, "other-remotes", "as", NULL))
		return FALSE;
	now = harmless_list(changes, "other-remotes");
	if (g_strv_equal((const char *const *)now, (const char *const *)q->other_remotes)) {
		g_strfreev(now);
		return FALSE;
	}
	g_strfreev(q->other_remotes);
	q->other_remotes = now;
	return TRUE;
}

gboolean sp_question_update(struct sp_question *q, GVariant *changes)
{
	gboolean news;

	g_variant_lookup(changes, "flows", "u", &q->flows);
	g_variant_lookup(changes, "deadline", "x", &q->deadline);
	g_variant_lookup(changes, "held", "b", &q->held);
	take_text(changes, "hash", &q->hash);
	news = take_text(changes, "command-line", &q->command_line);
	news |= take_text(changes, "user-name", &q->user_name);
	news |= take_package(q, changes);
	news |= take_remotes(q, changes);
	return news;
}

char *sp_question_remotes(const struct sp_question *q)
{
	g_autofree char *others = g_strjoinv(", ", q->other_remotes);

	return *others ? g_strdup_printf("%s, %s", q->remote, others) : g_strdup(q->remote);
}

const struct sp_scope *sp_question_scope(const struct sp_question *q, guint index)
{
	return g_ptr_array_index(q->scopes, index % q->scopes->len);
}

int sp_question_find_scope(const struct sp_question *q, const char *name)
{
	for (guint i = 0; i < q->scopes->len; i++)
		if (strcmp(sp_question_scope(q, i)->name, name) == 0)
			return (int)i;
	return -1;
}

gboolean sp_question_has_versions(const struct sp_question *q)
{
	for (guint i = 0; i < q->scopes->len; i++)
		if (g_str_has_suffix(sp_question_scope(q, i)->name, SP_THIS_VERSION))
			return TRUE;
	return FALSE;
}

gboolean sp_question_wants_certainty(const struct sp_question *q, const char *action,
				     const char *scope, const char *lifetime)
{
	return *q->runs && strcmp(action, "allow") == 0 && strcmp(lifetime, "always") == 0 &&
	       (strcmp(scope, "anything") == 0 || strcmp(scope, "anything" SP_THIS_VERSION) == 0);
}

gboolean sp_question_has_lifetime(const struct sp_question *q, const char *lifetime)
{
	return g_strv_contains((const char *const *)q->lifetimes, lifetime);
}

char *sp_question_flow(const struct sp_question *q)
{
	return sp_format_flow(*q->name ? q->name : sp_format_program(q->program),
			      q->inbound ? "in" : "out", q->remote,
			      q->remote_port, q->local_port);
}

static bool find_user(const char *name, uint32_t *uid)
{
	return sp_format_find_owner(name, uid);
}

char *sp_question_sentence(const struct sp_question *q, guint scope, const char *action)
{
	const char *rule_text = sp_question_scope(q, scope)->text;
	struct sp_text_error error;
	struct sp_rule rule;
	char *sentence, *copy;

	if (sp_text_parse(rule_text, strlen(rule_text), SP_SYSTEM, find_user,
			  &rule, &error) != 1)
		return NULL;
	rule.action = strcmp(action, "allow") == 0 ? SP_ALLOW : SP_DENY;
	rule.bound = SP_BOUND_NONE;
	sentence = sp_sentence(&rule);
	copy = g_strdup(sentence);
	free(sentence);
	sp_rule_clear(&rule);
	return copy;
}
