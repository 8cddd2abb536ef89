/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See answer_ssh.h. */
#include "answer_ssh.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "error.h"
#include "guard.h"
#include "text.h"

/* The rule that the answer makes. FALSE: none, or it can't be told. */
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

static gboolean refuse(const char *connection, const struct sp_rule *rule, GError **error)
{
	char *text = sp_text_print(rule, NULL);

	g_set_error(error, SP_CLIENT_ERROR, SP_CLIENT_ERROR_FAILED,
		    _("this may end the ssh connection that you are using (%s); deny it once, or have "
		      "it taken back unless you confirm: sallyport rules add %s"),
		    connection, text ? text : "");
	free(text);
	return FALSE;
}

gboolean sp_answer_ssh_spares(GDBusConnection *bus, const struct sp_question *question,
			      const struct sp_act *act, GError **error)
{
	g_autofree char *connection = NULL;
	struct sp_guarded change = { .rule_count = 1 };
	struct sp_rule rule;
	gboolean spared;

	if (strcmp(act->action, "deny") != 0 || !strcmp(act->lifetime, "once") ||
	    !sp_guard_looks() || !read_rule(question, act, &rule))
		return TRUE;
	change.rules = &rule;
	connection = sp_guard_cut_off(bus, &change);
	spared = !connection || refuse(connection, &rule, error);
	sp_rule_clear(&rule);
	return spared;
}
