/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * See rules.h. The items are sorted by number, and come in pages: the query is about the
 * first one, and each is followed by the next until one is empty. A page takes the place
 * of the items of its numbers, so that a list is filled from its beginning, and one that
 * is there is never shorter than what the daemon has said.
 */
#include "rules.h"

#include "calls.h"

/* Rules of the first page, which is soon there; the next ones are each so many times all
 * that there are before, for with each page the list is gone through. */
#define PAGE	500
#define GROWTH	8

struct _SpRules {
	SpItems parent;
	SpLink *link;
	SpQuery *query;
	gboolean all, whole;
	guint taken;		/* rules of the pages of this round */
	GCancellable *more;	/* page under way */
};

G_DEFINE_FINAL_TYPE(SpRules, sp_rules, SP_TYPE_ITEMS)

enum { WHOLE = 1, N_PROPERTIES };

static GParamSpec *properties[N_PROPERTIES];

static int compare(gconstpointer a, gconstpointer b)
{
	guint64 first = sp_rule_item_id(*(SpRuleItem *const *)a);
	guint64 second = sp_rule_item_id(*(SpRuleItem *const *)b);

	return first < second ? -1 : first > second;
}

SpRuleItem *sp_rules_find(SpRules *self, guint64 id)
{
	GPtrArray *items = sp_items_array(self);
	guint low = 0, high = items->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		SpRuleItem *item = g_ptr_array_index(items, middle);

		if (sp_rule_item_id(item) == id)
			return item;
		if (sp_rule_item_id(item) < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static SpRuleItem *item_for(SpRules *self, GVariant *dict)
{
	guint64 id = 0;
	SpRuleItem *old;

	g_variant_lookup(dict, "id", "t", &id);
	old = sp_rules_find(self, id);
	return old && sp_rule_item_same(old, dict) ? g_object_ref(old) : sp_rule_item_new(dict);
}

static void set_whole(SpRules *self, gboolean whole)
{
	if (self->whole == whole)
		return;
	self->whole = whole;
	g_object_notify_by_pspec(G_OBJECT(self), properties[WHOLE]);
}

/* Appends those of the items whose numbers are in (@after, @to]. */
static void keep(SpRules *self, GPtrArray *items, guint64 after, guint64 to)
{
	GPtrArray *old = sp_items_array(self);

	for (guint i = 0; i < old->len; i++) {
		guint64 id = sp_rule_item_id(old->pdata[i]);

		if (id > after && id <= to)
			g_ptr_array_add(items, g_object_ref(old->pdata[i]));
	}
}

static GPtrArray *items_of(SpRules *self, GVariant *dicts)
{
	GPtrArray *items = sp_items_array_new();
	GVariantIter iter;
	GVariant *dict;

	g_variant_iter_init(&iter, dicts);
	while ((dict = g_variant_iter_next_value(&iter))) {
		g_ptr_array_add(items, item_for(self, dict));
		g_variant_unref(dict);
	}
	g_ptr_array_sort(items, compare);
	return items;
}

/* The rules with the next numbers after @after; the last of them, or @after: there are none. */
static guint64 take_page(SpRules *self, GPtrArray *page, guint64 after)
{
	GPtrArray *items = sp_items_array_new();
	guint64 last = after;

	if (page->len)
		last = MAX(last, sp_rule_item_id(page->pdata[page->len - 1]));
	self->taken += page->len;
	keep(self, items, 0, after);
	g_ptr_array_extend_and_steal(items, page);
	if (last > after)
		keep(self, items, last, G_MAXUINT64);
	sp_items_set(self, items);
	return last;
}

static GVariant *list_args(SpRules *self, guint64 after)
{
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	if (self->all)
		g_variant_dict_insert(&options, "all", "b", TRUE);
	g_variant_dict_insert(&options, "after", "t", after);
	g_variant_dict_insert(&options, "limit", "u", MAX(PAGE, GROWTH * self->taken));
	return g_variant_new("(@a{sv})", g_variant_dict_end(&options));
}

/* What is asked for, and where it belongs. */
struct page {
	SpRules *rules;		/* may be gone where the call was cancelled */
	guint64 after;
};

static void go_on(SpRules *self, GVariant *reply, guint64 after);

static void on_page(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autofree struct page *page = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = sp_link_call_finish(source, result, &error);
	SpRules *self = page->rules;

	if (!reply && !error)
		return;
	g_clear_object(&self->more);
	if (reply)
		go_on(self, reply, page->after);
	else
		sp_query_fail(self->query, error);
}

static void go_on(SpRules *self, GVariant *reply, guint64 after)
{
	g_autoptr(GVariant) dicts = g_variant_get_child_value(reply, 0);
	guint64 last = take_page(self, items_of(self, dicts), after);
	struct page *page;

	if (last == after) {
		set_whole(self, TRUE);
		return;
	}
	page = g_new(struct page, 1);
	*page = (struct page){ .rules = self, .after = last };
	self->more = g_cancellable_new();
	sp_link_call(self->link, "Rules", "List", list_args(self, last), FALSE, self->more, on_page,
		     page);
}

static void stop_pages(SpRules *self)
{
	g_cancellable_cancel(self->more);
	g_clear_object(&self->more);
	self->taken = 0;
}

static void on_query(SpRules *self)
{
	stop_pages(self);
	if (sp_query_state(self->query) != SP_QUERY_READY)
		set_whole(self, FALSE);
	else if (!sp_query_is_stale(self->query))
		go_on(self, sp_query_result(self->query), 0);
}

void sp_rules_take(SpRules *self, GVariant *dicts)
{
	take_page(self, sp_items_array_new(), take_page(self, items_of(self, dicts), 0));
}

static void sp_rules_get_property(GObject *object, guint property, GValue *value, GParamSpec *spec)
{
	g_value_set_boolean(value, SP_RULES(object)->whole);
}

static void sp_rules_finalize(GObject *object)
{
	SpRules *self = SP_RULES(object);

	stop_pages(self);
	g_clear_object(&self->query);
	g_clear_object(&self->link);
	G_OBJECT_CLASS(sp_rules_parent_class)->finalize(object);
}

static void sp_rules_class_init(SpRulesClass *class)
{
	GObjectClass *object = G_OBJECT_CLASS(class);

	object->get_property = sp_rules_get_property;
	object->finalize = sp_rules_finalize;
	properties[WHOLE] = g_param_spec_boolean("whole", NULL, NULL, FALSE,
						 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
	g_object_class_install_properties(object, N_PROPERTIES, properties);
}

static void sp_rules_init(SpRules *self)
{
}

SpRules *sp_rules_new(SpLink *link)
{
	SpRules *self = g_object_new(SP_TYPE_RULES, NULL);

	self->link = g_object_ref(link);
	self->query = sp_query_new(link, "Rules", "List", list_args(self, 0));
	g_signal_connect_object(self->query, "changed", G_CALLBACK(on_query), self,
				G_CONNECT_SWAPPED);
	return self;
}

SpQuery *sp_rules_query(SpRules *self)
{
	return self->query;
}

gboolean sp_rules_whole(SpRules *self)
{
	return self->whole;
}

void sp_rules_show_all(SpRules *self, gboolean all)
{
	self->all = all;
	stop_pages(self);
	sp_query_set_args(self->query, list_args(self, 0), all);
}
