/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See answer_ssh.h. */
#include "answer_ssh.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "error.h"
#include "guard.h"
#include "text.h"

/* The rule that the answer makes. FALSE: it can't be told. */
static gboolean read_rule(const struct sp_question *question, const struct sp_act *act,
			  struct sp_rule *rule)
{
	int scope = sp_question_find_scope(question, act->scope);
	struct sp_text_error cause;
	const char *text;

	if (scope < 0)
		return FALSE;
	text = sp_question_scope(question, (guint)scope)->text;
	sp_rule_init(rule);
	if (sp_text_parse(text, strlen(text), getuid(), NULL, rule, &cause) <= 0)
		return FALSE;
	rule->action = SP_DENY;
	return TRUE;
}

/* @text: of the rule, or NULL. */
static void refuse(const char *connection, const char *text, GError **error)
{
	g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_FAILED,
		    _("this may end the ssh connection that you are using (%s); deny it once, or have "
		      "it taken back unless you confirm: sallyport rules add %s"),
		    connection, text ? text : "deny …");
}

/* What can't be told is taken for such a rule. */
gboolean sp_answer_ssh_spares(GDBusConnection *bus, const struct sp_question *question,
			      const struct sp_act *act, GError **error)
{
	g_autofree char *connection = NULL;
	struct sp_guarded change = { 0 };
	struct sp_rule rule;
	char *text = NULL;

	if (strcmp(act->action, "deny") != 0 || !strcmp(act->lifetime, "once") || !sp_guard_looks())
		return TRUE;
	change.unknown = !read_rule(question, act, &rule);
	if (!change.unknown) {
		change.rules = &rule;
		change.rule_count = 1;
		text = sp_text_print(&rule, NULL);
	}
	connection = sp_guard_cut_off(bus, &change);
	if (connection)
		refuse(connection, text, error);
	free(text);
	if (!change.unknown)
		sp_rule_clear(&rule);
	return !connection;
}
