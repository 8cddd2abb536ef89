/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See programs.h. */
#include "programs.h"

struct _SpPrograms {
	GObject parent;
	GPtrArray *programs;
};

static void list_model_init(GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SpPrograms, sp_programs, G_TYPE_OBJECT,
			      G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static GType get_item_type(GListModel *model)
{
	return SP_TYPE_PROGRAM;
}

static guint get_n_items(GListModel *model)
{
	return SP_PROGRAMS(model)->programs->len;
}

static gpointer get_item(GListModel *model, guint position)
{
	GPtrArray *programs = SP_PROGRAMS(model)->programs;

	return position < programs->len ? g_object_ref(g_ptr_array_index(programs, position)) :
					  NULL;
}

static void list_model_init(GListModelInterface *interface)
{
	interface->get_item_type = get_item_type;
	interface->get_n_items = get_n_items;
	interface->get_item = get_item;
}

static void sp_programs_finalize(GObject *object)
{
	g_ptr_array_unref(SP_PROGRAMS(object)->programs);
	G_OBJECT_CLASS(sp_programs_parent_class)->finalize(object);
}

static void sp_programs_class_init(SpProgramsClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sp_programs_finalize;
}

static void sp_programs_init(SpPrograms *self)
{
	self->programs = g_ptr_array_new_with_free_func(g_object_unref);
}

SpPrograms *sp_programs_new(void)
{
	return g_object_new(SP_TYPE_PROGRAMS, NULL);
}

static SpProgram *program_for(SpPrograms *self, const struct sp_question *question)
{
	for (guint i = 0; i < self->programs->len; i++) {
		SpProgram *program = g_ptr_array_index(self->programs, i);

		if (sp_program_takes(program, question))
			return program;
	}
	return NULL;
}

SpRequest *sp_programs_ask(SpPrograms *self, struct sp_question *question)
{
	SpProgram *program = program_for(self, question);
	SpRequest *known = sp_programs_find(self, question->id);
	g_autoptr(SpRequest) ask = NULL;

	/* Who asks stays who it is. */
	if (known && sp_programs_of(self, known) == program) {
		sp_request_renew(known, question);
		return NULL;
	}
	if (known) {
		sp_question_free(question);
		return NULL;
	}
	ask = sp_request_new(question);
	if (program) {
		sp_program_add(program, ask);
		return ask;
	}
	program = sp_program_new(question);
	sp_program_add(program, ask);
	g_ptr_array_add(self->programs, program);
	g_list_model_items_changed(G_LIST_MODEL(self), self->programs->len - 1, 0, 1);
	return ask;
}

SpRequest *sp_programs_find(SpPrograms *self, guint64 id)
{
	for (guint i = 0; i < self->programs->len; i++) {
		SpProgram *program = g_ptr_array_index(self->programs, i);

		for (guint j = 0; j < sp_program_count(program); j++) {
			SpRequest *ask = sp_program_get(program, j);

			if (sp_request_question(ask)->id == id)
				return ask;
		}
	}
	return NULL;
}

SpProgram *sp_programs_of(SpPrograms *self, SpRequest *ask)
{
	return program_for(self, sp_request_question(ask));
}

void sp_programs_remove(SpPrograms *self, SpRequest *ask)
{
	SpProgram *program = sp_programs_of(self, ask);
	guint position;

	if (!program || !sp_program_remove(program, ask) || sp_program_count(program))
		return;
	g_ptr_array_find(self->programs, program, &position);
	g_ptr_array_remove_index(self->programs, position);
	g_list_model_items_changed(G_LIST_MODEL(self), position, 1, 0);
}
