/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See places.h. One call at a time: for the next page, or for all that was there, anew. */
#include "places.h"

#include <string.h>

/* Rows of a page, and what the daemon tells at once. */
#define PAGE	1000
#define MOST	10000
/* The next page is asked for when one of the last so many places is wanted. */
#define NEAR	300

struct _SpPlaces {
	SpItems parent;
	SpLink *link;
	SpQuery *told;
	char *program, *needle;
	struct sp_period period;
	gboolean wanted, whole;
	guint rows;		/* that the places are of */
	GCancellable *call;	/* under way */
};

static void list_model_init(GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpPlaces, sp_places, SP_TYPE_ITEMS,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static GVariant *args(SpPlaces *self, guint skip, guint limit)
{
	static const char *const by[] = { "program", "direction", "host", "port", "protocol",
					  "action", NULL };
	GVariantDict options;

	g_variant_dict_init(&options, NULL);
	g_variant_dict_insert(&options, "program", "s", self->program);
	if (*self->needle)
		g_variant_dict_insert(&options, "contains", "s", self->needle);
	g_variant_dict_insert(&options, "skip", "u", skip);
	g_variant_dict_insert(&options, "limit", "u", limit);
	return g_variant_new("(xxu^as@a{sv})", self->period.from, self->period.to, 0, by,
			     g_variant_dict_end(&options));
}

/* What is asked for. */
struct page {
	SpPlaces *places;	/* may be gone where the call was cancelled */
	guint skip, limit;
};

static SpTraffic *find(GPtrArray *places, SpTraffic *place)
{
	for (guint i = 0; i < places->len; i++)
		if (sp_traffic_same_place(places->pdata[i], place))
			return places->pdata[i];
	return NULL;
}

/* Those that stay are the same, with other counts. In the same order, that is quick. */
static void keep(GPtrArray *old, GPtrArray *new)
{
	guint next = 0;

	for (guint i = 0; i < new->len; i++) {
		SpTraffic *was = next < old->len &&
				 sp_traffic_same_place(old->pdata[next], new->pdata[i]) ?
				 old->pdata[next] : old->len <= PAGE ? find(old, new->pdata[i]) : NULL;

		next++;
		if (!was)
			continue;
		sp_traffic_update(was, new->pdata[i]);
		g_object_unref(new->pdata[i]);
		new->pdata[i] = g_object_ref(was);
	}
}

static int compare(gconstpointer a, gconstpointer b)
{
	return sp_traffic_compare(*(gconstpointer *)a, *(gconstpointer *)b, NULL);
}

/* Behind those that are there. Something new can have come before a page: what it ends
 * with is told once more then. */
static void append(SpPlaces *self, GPtrArray *page)
{
	GPtrArray *old = sp_items_array(self), *all = sp_items_array_new();

	for (guint i = 0; i < old->len; i++)
		g_ptr_array_add(all, g_object_ref(old->pdata[i]));
	while (page->len && old->len &&
	       sp_traffic_same_place(old->pdata[old->len - 1], page->pdata[0]))
		g_ptr_array_remove_index(page, 0);
	g_ptr_array_extend_and_steal(all, page);
	sp_items_set(self, all);
}

static void take(SpPlaces *self, const struct page *page, GVariant *rows)
{
	gboolean more = g_variant_n_children(rows) == page->limit;
	guint count;
	GPtrArray *places = sp_traffic_places(rows, more, &count);

	self->whole = !more;
	self->rows = page->skip + count;
	if (page->skip) {
		append(self, places);
		return;
	}
	if (!more && count <= PAGE)
		g_ptr_array_sort(places, compare);
	keep(sp_items_array(self), places);
	sp_items_set(self, places);
}

static void on_page(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autofree struct page *page = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) reply = sp_link_call_finish(source, result, &error);
	g_autoptr(GVariant) rows = NULL;

	if (!reply && !error)
		return;
	g_clear_object(&page->places->call);
	if (!reply) {
		sp_query_fail(page->places->told, error);
		return;
	}
	rows = g_variant_get_child_value(reply, 1);
	take(page->places, page, rows);
}

static void ask(SpPlaces *self, guint skip, guint limit)
{
	struct page *page;

	if (sp_link_state(self->link) != SP_LINK_PRESENT)
		return;
	page = g_new(struct page, 1);
	*page = (struct page){ .places = self, .skip = skip, .limit = limit };
	self->call = g_cancellable_new();
	sp_link_call(self->link, "History", "Totals", args(self, skip, limit), FALSE, self->call,
		     on_page, page);
}

static void stop(SpPlaces *self)
{
	g_cancellable_cancel(self->call);
	g_clear_object(&self->call);
}

static guint get_n_items(GListModel *model)
{
	SpPlaces *self = SP_PLACES(model);

	if (!self->wanted)
		ask(self, 0, PAGE);
	self->wanted = TRUE;
	return sp_items_array(self)->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	SpPlaces *self = SP_PLACES(model);
	GPtrArray *places = sp_items_array(self);

	if (!self->whole && !self->call && self->rows && position + NEAR >= places->len)
		ask(self, self->rows, PAGE);
	return position < places->len ? g_object_ref(places->pdata[position]) : NULL;
}

static GType get_item_type(GListModel *model)
{
	return SP_TYPE_TRAFFIC;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

static void sp_places_finalize(GObject *object)
{
	SpPlaces *self = SP_PLACES(object);

	stop(self);
	g_object_unref(self->link);
	g_object_unref(self->told);
	g_free(self->program);
	g_free(self->needle);
	G_OBJECT_CLASS(sp_places_parent_class)->finalize(object);
}

static void sp_places_class_init(SpPlacesClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_places_finalize;
}

static void sp_places_init(SpPlaces *self)
{
	self->needle = g_strdup("");
}

SpPlaces *sp_places_new(SpLink *link, SpQuery *told, const char *program)
{
	SpPlaces *self = g_object_new(SP_TYPE_PLACES, NULL);

	self->link = g_object_ref(link);
	self->told = g_object_ref(told);
	self->program = g_strdup(program);
	return self;
}

const char *sp_places_program(SpPlaces *self)
{
	return self->program;
}

/* The same question at a later time: what is there stays until the answer has come. */
static gboolean is_later(SpPlaces *self, const struct sp_period *period, const char *needle)
{
	return period->step == self->period.step && strcmp(needle, self->needle) == 0 &&
	       period->to - period->from == self->period.to - self->period.from;
}

void sp_places_look(SpPlaces *self, const struct sp_period *period, const char *needle)
{
	gboolean later = is_later(self, period, needle);

	self->period = *period;
	if (!later) {
		g_free(self->needle);
		self->needle = g_strdup(needle);
	}
	/* Of very many the counts stay as they were when they were asked for. */
	if (!self->wanted || (later && self->rows > MOST))
		return;
	stop(self);
	if (!later) {
		self->rows = 0;
		sp_items_set(self, sp_items_array_new());
	}
	ask(self, 0, MIN(MAX(PAGE, self->rows + 1), MOST));
}
