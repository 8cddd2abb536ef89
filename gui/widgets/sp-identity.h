/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who asks: icon, name, path, where the file comes from, who started it. */
#pragma once

#include <gtk/gtk.h>

#include "question.h"

#define SP_TYPE_IDENTITY (sp_identity_get_type())
G_DECLARE_FINAL_TYPE(SpIdentity, sp_identity, SP, IDENTITY, GtkBox)

GtkWidget *sp_identity_new(void);
void sp_identity_set(SpIdentity *self, const struct sp_question *question);
/* Of several questions of that program; NULL: they don't have the same. */
void sp_identity_set_badge(SpIdentity *self, const struct sp_question *question);
void sp_identity_set_chain(SpIdentity *self, const struct sp_question *question);
