/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See program.h. */
#include "program.h"

struct _SpProgram {
	GObject parent;
	GPtrArray *asks;
	char *path;
	guint64 image;
	guint32 user;
	gboolean inbound;
};

static void list_model_init(GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpProgram, sp_program, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static GType get_item_type(GListModel *model)
{
	return SP_TYPE_REQUEST;
}

static guint get_n_items(GListModel *model)
{
	return SP_PROGRAM(model)->asks->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	SpRequest *ask = sp_program_get(SP_PROGRAM(model), position);

	return ask ? g_object_ref(ask) : NULL;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

static void sp_program_finalize(GObject *object)
{
	SpProgram *self = SP_PROGRAM(object);

	g_ptr_array_unref(self->asks);
	g_free(self->path);
	G_OBJECT_CLASS(sp_program_parent_class)->finalize(object);
}

static void sp_program_class_init(SpProgramClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_program_finalize;
}

static void sp_program_init(SpProgram *self)
{
	self->asks = g_ptr_array_new_with_free_func(g_object_unref);
}

SpProgram *sp_program_new(const struct sp_question *first)
{
	SpProgram *self = g_object_new(SP_TYPE_PROGRAM, NULL);

	self->path = g_strdup(first->program);
	self->image = first->image;
	self->user = first->user;
	self->inbound = first->inbound;
	return self;
}

/* By the proven file; a path alone could be another file's. */
gboolean sp_program_takes(SpProgram *self, const struct sp_question *question)
{
	return self->image == question->image && self->user == question->user &&
	       self->inbound == question->inbound && g_str_equal(self->path, question->program);
}

void sp_program_add(SpProgram *self, SpRequest *ask)
{
	g_ptr_array_add(self->asks, g_object_ref(ask));
	g_list_model_items_changed(G_LIST_MODEL(self), self->asks->len - 1, 0, 1);
}

gboolean sp_program_remove(SpProgram *self, SpRequest *ask)
{
	guint position;

	if (!g_ptr_array_find(self->asks, ask, &position))
		return FALSE;
	g_ptr_array_remove_index(self->asks, position);
	g_list_model_items_changed(G_LIST_MODEL(self), position, 1, 0);
	return TRUE;
}

guint sp_program_count(SpProgram *self)
{
	return self->asks->len;
}

SpRequest *sp_program_get(SpProgram *self, guint position)
{
	return position < self->asks->len ? g_ptr_array_index(self->asks, position) : NULL;
}
