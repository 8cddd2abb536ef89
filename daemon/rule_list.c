/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rule_list.h. A change set may be about all rules there are, so what it takes
 * away and what it adds is put in place at its end, at once.
 */
#include "rule_list.h"

#include "log.h"

/* Rules of one change that are logged one by one. */
#define LOGGED_MAX	100u

static int by_id(const void *a, const void *b)
{
	guint64 x = ((const struct sp_rule *)a)->id, y = ((const struct sp_rule *)b)->id;

	return x < y ? -1 : x > y;
}

void sp_rule_list_sort(GArray *rules)
{
	g_array_sort(rules, by_id);
}

static gboolean locate(const GArray *rules, guint64 id, guint *index)
{
	struct sp_rule key = { .id = id };

	return g_array_binary_search((GArray *)rules, &key, by_id, index);
}

const struct sp_rule *sp_rule_list_find(const GArray *rules, guint64 id)
{
	guint index;

	return locate(rules, id, &index) ? &g_array_index(rules, struct sp_rule, index) : NULL;
}

/* A change set on its way into the list. */
struct applying {
	GArray *rules;
	GArray *fresh;		/* struct sp_rule: to be added */
	gboolean *gone;		/* as @rules: to be taken away */
	gboolean any_gone;
	guint32 uid;
	const char *how;
	guint logged, left_out;
};

static void log_rule(struct applying *applying, const char *what, const struct sp_rule *rule)
{
	if (applying->logged == LOGGED_MAX) {
		applying->left_out++;
		return;
	}
	applying->logged++;
	sp_log_rule(what, rule, applying->uid, applying->how);
}

static void begin(struct applying *applying)
{
	applying->fresh = g_array_new(FALSE, FALSE, sizeof(struct sp_rule));
	applying->gone = g_new0(gboolean, applying->rules->len + 1);
	applying->any_gone = FALSE;
}

static void drop_gone(struct applying *applying)
{
	struct sp_rule *rules = (struct sp_rule *)(void *)applying->rules->data;
	guint kept = 0;

	for (guint i = 0; i < applying->rules->len; i++) {
		if (applying->gone[i])
			sp_rule_clear(&rules[i]);
		else
			rules[kept++] = rules[i];
	}
	/* What was moved is not to be cleared again. */
	for (guint i = kept; i < applying->rules->len; i++)
		sp_rule_init(&rules[i]);
	g_array_set_size(applying->rules, kept);
}

/* New rules have the greatest ids, mostly. */
static void append(GArray *rules, const GArray *fresh)
{
	guint i = rules->len ? rules->len : 1;

	g_array_append_vals(rules, fresh->data, fresh->len);
	for (; i < rules->len; i++)
		if (by_id(&g_array_index(rules, struct sp_rule, i - 1),
			  &g_array_index(rules, struct sp_rule, i)) > 0) {
			sp_rule_list_sort(rules);
			return;
		}
}

static void finish(struct applying *applying)
{
	if (applying->any_gone)
		drop_gone(applying);
	append(applying->rules, applying->fresh);
	g_array_unref(applying->fresh);
	g_free(applying->gone);
}

/* NULL: there is none. */
static struct sp_rule *find(struct applying *applying, guint64 id, guint *index)
{
	if ((!locate(applying->rules, id, index) || applying->gone[*index]) &&
	    applying->fresh->len) {
		finish(applying);	/* it may be one that this set added */
		begin(applying);
	}
	if (!locate(applying->rules, id, index) || applying->gone[*index])
		return NULL;
	return &g_array_index(applying->rules, struct sp_rule, *index);
}

static void take_away(struct applying *applying, guint64 id)
{
	guint index;
	struct sp_rule *old = find(applying, id, &index);

	if (!old)
		return;
	log_rule(applying, "removed", old);
	applying->gone[index] = applying->any_gone = TRUE;
}

static struct sp_rule copy_of(const struct sp_rule *rule)
{
	struct sp_rule copy;

	if (!sp_rule_copy(&copy, rule))
		g_error("no memory");
	return copy;
}

/* A change keeps who made the rule, and when. */
static void replace(struct applying *applying, const struct sp_rule *rule)
{
	struct sp_rule copy = copy_of(rule);
	guint index;
	struct sp_rule *old = find(applying, rule->id, &index);

	if (!old) {
		g_array_append_val(applying->fresh, copy);
		return;
	}
	log_rule(applying, "replaced", old);
	copy.created = old->created;
	copy.maker = old->maker;
	sp_rule_clear(old);
	*old = copy;
}

static void add(struct applying *applying, const struct sp_rule *rule)
{
	struct sp_rule copy = copy_of(rule);

	log_rule(applying, "added", &copy);
	g_array_append_val(applying->fresh, copy);
}

void sp_rule_list_apply(GArray *rules, const GArray *changes, guint32 uid, const char *how,
			GArray *ids)
{
	struct applying applying = { .rules = rules, .uid = uid, .how = how };

	begin(&applying);
	for (guint i = 0; i < changes->len; i++) {
		const struct sp_change *change = &g_array_index(changes, struct sp_change, i);

		switch (change->kind) {
		case SP_CHANGE_ADD:
			add(&applying, &change->rule);
			g_array_append_val(ids, change->rule.id);
			break;
		case SP_CHANGE_PUT_BACK:
			add(&applying, &change->rule);
			break;
		case SP_CHANGE_REPLACE:
			replace(&applying, &change->rule);
			break;
		case SP_CHANGE_REMOVE:
			take_away(&applying, change->rule.id);
			break;
		}
	}
	finish(&applying);
	if (applying.left_out)
		sp_log_info("%u more rules by the same change of uid %u (%s); \"sallyport undo "
			    "--list\" shows them", applying.left_out, uid, how);
}

gint64 sp_rule_list_next_end(const GArray *rules, gint64 now)
{
	gint64 next = 0;

	for (guint i = 0; i < rules->len; i++) {
		gint64 expires = g_array_index(rules, struct sp_rule, i).expires;

		if (expires > now && (!next || expires < next))
			next = expires;
	}
	return next;
}

gboolean sp_rule_list_has_ended(const GArray *rules, gint64 now)
{
	for (guint i = 0; i < rules->len; i++) {
		gint64 expires = g_array_index(rules, struct sp_rule, i).expires;

		if (expires && expires <= now)
			return TRUE;
	}
	return FALSE;
}

gsize sp_rule_list_unconfirmed(const GArray *rules)
{
	gsize count = 0;

	for (guint i = 0; i < rules->len; i++)
		count += g_array_index(rules, struct sp_rule, i).unconfirmed;
	return count;
}

gsize sp_rule_list_count_of(const GArray *rules, guint32 owner)
{
	gsize count = 0;

	for (guint i = 0; i < rules->len; i++)
		count += g_array_index(rules, struct sp_rule, i).owner == owner;
	return count;
}
