/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See items.h. */
#include "items.h"

typedef struct {
	GPtrArray *array;
} SpItemsPrivate;

static void list_model_init(GListModelInterface *interface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE(SpItems, sp_items, G_TYPE_OBJECT,
				 G_ADD_PRIVATE(SpItems)
				 G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static SpItemsPrivate *private_of(gpointer items)
{
	return sp_items_get_instance_private(SP_ITEMS(items));
}

static GType get_item_type(GListModel *model)
{
	return G_TYPE_OBJECT;
}

static guint get_n_items(GListModel *model)
{
	return private_of(model)->array->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	GPtrArray *array = private_of(model)->array;

	return position < array->len ? g_object_ref(g_ptr_array_index(array, position)) : NULL;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

static void sp_items_finalize(GObject *object)
{
	g_ptr_array_unref(private_of(object)->array);
	G_OBJECT_CLASS(sp_items_parent_class)->finalize(object);
}

static void sp_items_class_init(SpItemsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_items_finalize;
}

static void sp_items_init(SpItems *self)
{
	private_of(self)->array = sp_items_array_new();
}

GPtrArray *sp_items_array_new(void)
{
	return g_ptr_array_new_with_free_func(g_object_unref);
}

GPtrArray *sp_items_array(gpointer items)
{
	return private_of(items)->array;
}

void sp_items_set(gpointer items, GPtrArray *array)
{
	SpItemsPrivate *private = private_of(items);
	g_autoptr(GPtrArray) old = private->array;
	guint shorter = MIN(old->len, array->len), before = 0, after = 0;
	guint removed, added;

	while (before < shorter && old->pdata[before] == array->pdata[before])
		before++;
	while (after < shorter - before &&
	       old->pdata[old->len - 1 - after] == array->pdata[array->len - 1 - after])
		after++;
	private->array = array;
	removed = old->len - before - after;
	added = array->len - before - after;
	if (removed || added)
		g_list_model_items_changed(G_LIST_MODEL(items), before, removed, added);
}
