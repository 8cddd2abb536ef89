/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See findings.h: one oddity, in words, and what would mend it. */
#include "oddity.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "sentence.h"
#include "text.h"

struct _SpOddity {
	GObject parent;
	const char *title, *mend;
	char *text, *add;
	guint32 owner;
	GArray *remove;		/* guint64 */
};

G_DEFINE_FINAL_TYPE(SpOddity, sp_oddity, G_TYPE_OBJECT)

static void sp_oddity_finalize(GObject *object)
{
	SpOddity *self = SP_ODDITY(object);

	g_free(self->text);
	g_free(self->add);
	g_array_unref(self->remove);
	G_OBJECT_CLASS(sp_oddity_parent_class)->finalize(object);
}

static void sp_oddity_class_init(SpOddityClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_oddity_finalize;
}

static void sp_oddity_init(SpOddity *self)
{
	self->remove = g_array_new(FALSE, FALSE, sizeof(guint64));
}

static char *words_of(const struct sp_rule *rule)
{
	char *sentence = rule ? sp_sentence(rule) : NULL;
	char *copy = g_strdup(sentence ? sentence : "");

	free(sentence);
	return copy;
}

static void describe(SpOddity *self, const struct sp_finding *finding)
{
	g_autofree char *rule = words_of(finding->rule), *other = words_of(finding->other);

	self->mend = _("Remove");
	self->owner = finding->rule->owner;
	g_array_append_val(self->remove, finding->rule->id);
	/* TRANSLATORS: in all of these %s are rules as sentences */
	switch (finding->kind) {
	case SP_FIND_NEVER:
		self->title = _("A Rule That Never Decides");
		self->text = g_strdup_printf(_("%s\nWherever it applies, this one does: %s"), rule, other);
		break;
	case SP_FIND_OUTDATED:
		self->title = _("A Rule That Was Overtaken");
		self->text = g_strdup_printf(_("%s\nThis one is newer and decides: %s"), rule, other);
		break;
	case SP_FIND_DUPLICATE:
		self->title = _("A Rule That Is There Twice");
		self->text = g_strdup_printf(_("%s\nAnother one says the same."), rule);
		break;
	case SP_FIND_DOMAIN:
		self->title = _("Rules That Could Be One");
		self->mend = _("Make One Rule");
		break;
	case SP_FIND_UNUSED:
		break;
	}
}

/* All rules that @one would say as well; they go. */
static void replace(SpOddity *self, const struct sp_rule *one, const struct sp_rule *rules,
		    gsize count)
{
	g_array_set_size(self->remove, 0);
	for (gsize i = 0; i < count; i++)
		if (rules[i].action == one->action && rules[i].owner == one->owner &&
		    rules[i].enabled && !rules[i].floor && rules[i].remote_kind == SP_REMOTE_HOST &&
		    sp_rule_covers(one, &rules[i]))
			g_array_append_val(self->remove, rules[i].id);
}

/* FALSE: the rule that is proposed can't be read. */
static gboolean join(SpOddity *self, const struct sp_finding *finding, const struct sp_rule *rules,
		     gsize count)
{
	struct sp_text_error ignored;
	g_autofree char *words = NULL;
	struct sp_rule one;

	if (sp_text_parse(finding->text, strlen(finding->text), self->owner, NULL, &one, &ignored) != 1)
		return FALSE;
	replace(self, &one, rules, count);
	words = words_of(&one);
	self->text = g_strdup_printf(ngettext("%u rule would be one: %s", "%u rules would be one: %s",
					      self->remove->len), self->remove->len, words);
	self->add = g_strdup(finding->text);
	sp_rule_clear(&one);
	return self->remove->len > 1;
}

SpOddity *sp_oddity_new(const struct sp_finding *finding, const struct sp_rule *rules, gsize count)
{
	SpOddity *self = g_object_new(SP_TYPE_ODDITY, NULL);
	gboolean known = finding->kind != SP_FIND_UNUSED;

	describe(self, finding);
	if (finding->kind == SP_FIND_DOMAIN)
		known = join(self, finding, rules, count);
	if (known)
		return self;
	g_object_unref(self);
	return NULL;
}

const char *sp_oddity_title(SpOddity *self)
{
	return self->title;
}

const char *sp_oddity_text(SpOddity *self)
{
	return self->text;
}

const char *sp_oddity_mend(SpOddity *self)
{
	return self->mend;
}

const guint64 *sp_oddity_remove(SpOddity *self, gsize *count)
{
	*count = self->remove->len;
	return (const guint64 *)(void *)self->remove->data;
}

const char *sp_oddity_add(SpOddity *self)
{
	return self->add;
}

guint32 sp_oddity_owner(SpOddity *self)
{
	return self->owner;
}
