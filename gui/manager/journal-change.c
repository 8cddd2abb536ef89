/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See journal.h: one change. */
#include "journal-change.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "calls.h"
#include "format.h"
#include "sentence.h"
#include "text.h"

struct _SpJournalChange {
	GObject parent;
	GPtrArray *entries;	/* GVariant a{sv}; one at least */
};

G_DEFINE_FINAL_TYPE(SpJournalChange, sp_journal_change, G_TYPE_OBJECT)

static void sp_journal_change_finalize(GObject *object)
{
	g_ptr_array_unref(SP_JOURNAL_CHANGE(object)->entries);
	G_OBJECT_CLASS(sp_journal_change_parent_class)->finalize(object);
}

static void sp_journal_change_class_init(SpJournalChangeClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_journal_change_finalize;
}

static void sp_journal_change_init(SpJournalChange *self)
{
	self->entries = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
}

SpJournalChange *sp_journal_change_new(GVariant *entry)
{
	SpJournalChange *self = g_object_new(SP_TYPE_JOURNAL_CHANGE, NULL);

	sp_journal_change_add(self, entry);
	return self;
}

void sp_journal_change_add(SpJournalChange *self, GVariant *entry)
{
	g_ptr_array_add(self->entries, g_variant_ref(entry));
}

gboolean sp_journal_change_same(SpJournalChange *self, SpJournalChange *other)
{
	if (self->entries->len != other->entries->len)
		return FALSE;
	for (guint i = 0; i < self->entries->len; i++)
		if (!g_variant_equal(self->entries->pdata[i], other->entries->pdata[i]))
			return FALSE;
	return TRUE;
}

static GVariant *first(SpJournalChange *self)
{
	return g_ptr_array_index(self->entries, 0);
}

guint64 sp_journal_change_number(SpJournalChange *self)
{
	return sp_dict_number(first(self), "change");
}

gint64 sp_journal_change_time(SpJournalChange *self)
{
	return (gint64)sp_dict_number(first(self), "time");
}

gboolean sp_journal_change_undone(SpJournalChange *self)
{
	return sp_dict_flag(first(self), "undone");
}

gboolean sp_journal_change_is_plain(SpJournalChange *self)
{
	return strcmp(sp_dict_string(first(self), "kind"), "change") == 0;
}

/* The rule of that text in plain words; the text itself if it is no rule here. */
static char *words_of(const char *text, gboolean *enabled)
{
	struct sp_text_error ignored;
	struct sp_rule rule;
	char *sentence, *copy;

	*enabled = TRUE;
	if (sp_text_parse(text, strlen(text), SP_SYSTEM, NULL, &rule, &ignored) != 1)
		return g_strdup(text);
	*enabled = rule.enabled;
	sentence = sp_sentence(&rule);
	copy = g_strdup(sentence ? sentence : text);
	free(sentence);
	sp_rule_clear(&rule);
	return copy;
}

static char *line_of(GVariant *entry)
{
	const char *before = sp_dict_string(entry, "before");
	const char *after = sp_dict_string(entry, "after");
	gboolean was_on, is_on;
	g_autofree char *old = words_of(before, &was_on), *new = words_of(after, &is_on);

	/* TRANSLATORS: %s is a rule as a sentence */
	if (!*before)
		return g_strdup_printf(_("Added: %s"), new);
	if (!*after)
		return g_strdup_printf(_("Removed: %s"), old);
	if (strcmp(old, new) == 0 && was_on != is_on)
		return g_strdup_printf(is_on ? _("Switched on: %s") : _("Switched off: %s"), new);
	if (strcmp(old, new) == 0)
		return g_strdup_printf(_("Changed: %s"), new);
	return g_strdup_printf(_("Changed: %s\nBefore: %s"), new, old);
}

char *sp_journal_change_text(SpJournalChange *self, guint lines)
{
	guint more = self->entries->len > lines ? self->entries->len - lines : 0;
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < self->entries->len - more; i++) {
		g_autofree char *line = line_of(g_ptr_array_index(self->entries, i));

		g_string_append_printf(text, "%s%s", i ? "\n" : "", line);
	}
	if (more)
		g_string_append_printf(text, ngettext("\nand %u more rule", "\nand %u more rules", more),
				       more);
	return g_string_free(text, FALSE);
}

static const char *kind_words(SpJournalChange *self)
{
	const char *kind = sp_dict_string(first(self), "kind");

	if (strcmp(kind, "undo") == 0)
		return _("undid an earlier change");
	if (strcmp(kind, "redo") == 0)
		return _("did an undone change again");
	if (strcmp(kind, "expiry") == 0)
		return _("its time was over");
	return sp_journal_change_undone(self) ? _("undone") : NULL;
}

char *sp_journal_change_subtitle(SpJournalChange *self)
{
	g_autofree char *time = sp_format_time(sp_journal_change_time(self), g_get_real_time());
	guint32 maker = (guint32)sp_dict_number(first(self), "maker");
	g_autofree char *who = sp_format_owner(maker);
	const char *kind = kind_words(self);

	return kind ? g_strdup_printf("%s · %s · %s", time, who, kind) :
		      g_strdup_printf("%s · %s", time, who);
}
