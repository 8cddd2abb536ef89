/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens when nobody answers, and when. Counts only while it is shown. */
#pragma once

#include <gtk/gtk.h>

#include "question.h"

#define SP_TYPE_COUNTDOWN (sp_countdown_get_type())
G_DECLARE_FINAL_TYPE(SpCountdown, sp_countdown, SP, COUNTDOWN, GtkBox)

GtkWidget *sp_countdown_new(void);
/* The question's outcome and deadline, as they are now; call again on a change. */
void sp_countdown_set(SpCountdown *self, const struct sp_question *question);
