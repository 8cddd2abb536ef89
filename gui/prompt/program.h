/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program's questions: a GListModel of SpRequest, the oldest first. One window each. */
#pragma once

#include <gio/gio.h>

#include "request.h"

#define SP_TYPE_PROGRAM (sp_program_get_type())
G_DECLARE_FINAL_TYPE(SpProgram, sp_program, SP, PROGRAM, GObject)

/* For the questions like @first: same file, user and direction. */
SpProgram *sp_program_new(const struct sp_question *first);
gboolean sp_program_takes(SpProgram *self, const struct sp_question *question);

void sp_program_add(SpProgram *self, SpRequest *ask);
/* FALSE: it is not here. */
gboolean sp_program_remove(SpProgram *self, SpRequest *ask);
guint sp_program_count(SpProgram *self);
SpRequest *sp_program_get(SpProgram *self, guint position);	/* borrowed; NULL: none */
