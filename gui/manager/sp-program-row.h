/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The head of what belongs to a program, in a list: its icon, name, path, and how much it is. */
#pragma once

#include <gtk/gtk.h>

#define SP_TYPE_PROGRAM_ROW (sp_program_row_get_type())
G_DECLARE_FINAL_TYPE(SpProgramRow, sp_program_row, SP, PROGRAM_ROW, GtkBox)

GtkWidget *sp_program_row_new(void);
/* @program: a path, or another name of a program; "": any. @detail: on the other side. */
void sp_program_row_set(SpProgramRow *self, const char *program, const char *detail);
