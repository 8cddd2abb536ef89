/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that is known about a question, and the answer as a command. Emits
 * "opened" when it is.
 */
#pragma once

#include <gtk/gtk.h>

#include "question.h"

#define SP_TYPE_DETAILS (sp_details_get_type())
G_DECLARE_FINAL_TYPE(SpDetails, sp_details, SP, DETAILS, GtkBox)

GtkWidget *sp_details_new(void);
/* @of_list: it is the first of several. */
void sp_details_set(SpDetails *self, const struct sp_question *question, gboolean of_list);
/* What comes late, and is no reason to look again. */
void sp_details_update(SpDetails *self, const struct sp_question *question);
/* The command that would do what "allow" does now; NULL: there is none. */
void sp_details_set_command(SpDetails *self, const char *command);
