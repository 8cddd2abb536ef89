/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked, with who and where emphasised. It takes the focus of a new
 * window: no key does anything here, and a screen reader begins with it.
 */
#pragma once

#include <gtk/gtk.h>

#include "headline.h"

#define SP_TYPE_HEADLINE_LABEL (sp_headline_label_get_type())
G_DECLARE_FINAL_TYPE(SpHeadlineLabel, sp_headline_label, SP, HEADLINE_LABEL, GtkWidget)

GtkWidget *sp_headline_label_new(void);
void sp_headline_label_set(SpHeadlineLabel *self, const struct sp_headline *headline);
