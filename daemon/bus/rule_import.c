/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rule_import.h. A message of the bus is bounded, so text comes in parts; what has
 * come is kept for the connection that sent it, one import of a user at a time. With
 * the last part all is parsed by a worker, and is one change set.
 */
#include "rule_import.h"

#include <string.h>
#include "errors.h"
#include "files.h"
#include "rule_change.h"
#include "rule_made.h"
#include "serve.h"

/* What has come of an import, until its last part. */
struct begun {
	struct sp_imports *imports;
	struct sp_peer *peer;
	guint32 uid;
	GString *text;
};

struct sp_imports {
	GHashTable *begun;	/* uid → struct begun */
};

static void begun_free(void *data)
{
	struct begun *begun = data;

	sp_peer_forget(begun->peer, begun);
	sp_peer_release(begun->peer);
	g_string_free(begun->text, TRUE);
	g_free(begun);
}

struct sp_imports *sp_imports_new(void)
{
	struct sp_imports *imports = g_new0(struct sp_imports, 1);

	imports->begun = g_hash_table_new_full(NULL, NULL, NULL, begun_free);
	return imports;
}

void sp_imports_free(struct sp_imports *imports)
{
	if (!imports)
		return;
	g_hash_table_unref(imports->begun);
	g_free(imports);
}

static void drop(struct begun *begun)
{
	g_hash_table_remove(begun->imports->begun, GUINT_TO_POINTER(begun->uid));
}

static void on_gone(struct sp_peer *peer, void *data)
{
	drop(data);
}

static struct begun *begin(struct sp_imports *imports, struct sp_peer *peer)
{
	struct begun *begun = g_new0(struct begun, 1);

	begun->imports = imports;
	begun->peer = sp_peer_hold(peer);
	begun->uid = sp_peer_uid(peer);
	begun->text = g_string_new(NULL);
	g_hash_table_insert(imports->begun, GUINT_TO_POINTER(begun->uid), begun);
	sp_peer_when_gone(peer, on_gone, begun);
	return begun;
}

/* One part more; NULL: it is not taken, and what came before is dropped. */
static struct begun *take_part(struct sp_imports *imports, struct sp_peer *peer, const char *text,
			       GError **error)
{
	guint32 uid = sp_peer_uid(peer);
	gsize most = uid ? SP_IMPORT_OF_USER : SP_IMPORT_OF_ROOT, length = strlen(text);
	struct begun *begun = g_hash_table_lookup(imports->begun, GUINT_TO_POINTER(uid));

	if (begun && begun->peer != peer) {
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT,
			    "another import of this user is under way");
		return NULL;
	}
	if (!begun)
		begun = begin(imports, peer);
	if (begun->text->len + length >= most) {
		drop(begun);
		g_set_error(error, SP_ERROR, SP_ERROR_LIMIT,
			    "the rules are more than %" G_GSIZE_FORMAT " bytes", most);
		return NULL;
	}
	g_string_append_len(begun->text, text, length);
	if (length && text[length - 1] != '\n')
		g_string_append_c(begun->text, '\n');
	return begun;
}

/* --- all parts are there ------------------------------------------------------------ */

struct parsing {
	struct sp_call *call;
	const struct sp_parts *parts;
	char *text;
	gsize length;
	guint32 owner;
	gint64 lifetime;
	gboolean parsed;
	struct sp_rule_set set;
	struct sp_file_error problem;
};

static void parsing_free(struct parsing *parsing)
{
	sp_rule_set_clear(&parsing->set);
	g_free(parsing->text);
	g_free(parsing);
}

static void parse_worker(GTask *task, void *source, void *data, GCancellable *cancel)
{
	struct parsing *parsing = data;
	const struct sp_file_options options = {
		.context = { .owner = parsing->owner, .find_user = sp_rule_find_user },
	};

	parsing->parsed = sp_file_read_text("import", parsing->text, parsing->length, &options,
					    &parsing->set, &parsing->problem);
	g_task_return_boolean(task, TRUE);
}

/* The rules, which are the changes' from now on; NULL: one can't be, the caller is told. */
static GArray *take_rules(struct parsing *parsing)
{
	GArray *changes = sp_changes_new();

	for (size_t i = 0; i < parsing->set.count; i++) {
		struct sp_file_rule *read = &parsing->set.rules[i];
		struct sp_change one = { .kind = SP_CHANGE_ADD };
		const char *fault = sp_rule_made(&read->rule, parsing->lifetime,
						 sp_call_uid(parsing->call));

		if (fault) {
			sp_call_fail(parsing->call, SP_ERROR_INVALID_RULE, "line %u: %s", read->line,
				     fault);
			g_array_unref(changes);
			return NULL;
		}
		one.rule = read->rule;
		sp_rule_init(&read->rule);
		g_array_append_val(changes, one);
	}
	return changes;
}

static void on_parsed(GObject *source, GAsyncResult *result, void *data)
{
	struct parsing *parsing = data;
	const struct sp_text_error *problem = &parsing->problem.error;
	GArray *changes;

	if (!parsing->parsed) {
		sp_call_fail(parsing->call, SP_ERROR_INVALID_RULE, "line %u, column %u: %s",
			     problem->line, problem->column, problem->message);
	} else if (!parsing->set.count) {
		sp_call_fail(parsing->call, SP_ERROR_INVALID_RULE, "there is no rule in this text");
	} else {
		changes = take_rules(parsing);
		if (changes)
			sp_rule_change_many(parsing->call, parsing->parts, changes);
	}
	parsing_free(parsing);
}

static void parse(struct sp_call *call, struct sp_face *face, GString *text, guint32 owner,
		  gint64 lifetime)
{
	struct parsing *parsing = g_new0(struct parsing, 1);
	g_autoptr(GTask) task = g_task_new(NULL, NULL, on_parsed, parsing);

	parsing->call = call;
	parsing->parts = face->parts;
	parsing->owner = owner;
	parsing->lifetime = lifetime;
	parsing->length = text->len;
	parsing->text = g_string_free(text, FALSE);
	g_task_set_task_data(task, parsing, NULL);
	g_task_run_in_thread(task, parse_worker);
}

static void import(struct sp_call *call, void *data)
{
	static const char *const known[] = {
		"owner", "u", "lifetime", "s", "more", "b", NULL,
	};
	struct sp_face *face = data;
	g_autoptr(GVariant) options = NULL;
	g_autoptr(GError) error = NULL;
	guint32 owner = sp_call_uid(call) ? sp_call_uid(call) : SP_SYSTEM;
	gboolean more = FALSE;
	struct begun *begun;
	GString *whole;
	const char *text;
	gint64 lifetime;

	g_variant_get(sp_call_arguments(call), "(&s@a{sv})", &text, &options);
	if (!sp_options_check(options, known, &error) ||
	    !sp_rule_lifetime(options, &lifetime, &error) ||
	    !(begun = take_part(face->imports, sp_call_peer(call), text, &error))) {
		sp_call_fail_with(call, error);
		return;
	}
	g_variant_lookup(options, "owner", "u", &owner);
	g_variant_lookup(options, "more", "b", &more);
	if (more) {
		sp_call_return(call, g_variant_new("(at)", NULL));
		return;
	}
	whole = g_steal_pointer(&begun->text);
	begun->text = g_string_new(NULL);
	drop(begun);
	parse(call, face, whole, owner, lifetime);
}

static const struct sp_method methods[] = {
	{ "handle-import", import },
	{ NULL, NULL },
};

void sp_face_import(SpBusRules *skeleton, struct sp_face *face)
{
	sp_serve(skeleton, face, methods);
}
