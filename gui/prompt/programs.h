/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All open questions: a GListModel of SpProgram, none of which is empty. A
 * program's last question takes the program with it.
 */
#pragma once

#include <gio/gio.h>

#include "program.h"

#define SP_TYPE_PROGRAMS (sp_programs_get_type())
G_DECLARE_FINAL_TYPE(SpPrograms, sp_programs, SP, PROGRAMS, GObject)

SpPrograms *sp_programs_new(void);
/* NULL: it took the place of the one of that id. Else borrowed. */
SpRequest *sp_programs_ask(SpPrograms *self, struct sp_question *question);	/* takes it */
SpRequest *sp_programs_find(SpPrograms *self, guint64 id);	/* borrowed; NULL: none */
SpProgram *sp_programs_of(SpPrograms *self, SpRequest *ask);	/* borrowed; NULL: none */
void sp_programs_remove(SpPrograms *self, SpRequest *ask);
