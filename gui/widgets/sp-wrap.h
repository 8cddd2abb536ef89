/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "body" with "controls" beside it, or below it where the body would have too little room
 * to be read; before the body, if given and visible, "start". As wide as it gets; the
 * controls are at the end.
 */
#pragma once

#include <gtk/gtk.h>

#define SP_TYPE_WRAP (sp_wrap_get_type())
G_DECLARE_FINAL_TYPE(SpWrap, sp_wrap, SP, WRAP, GtkWidget)

GtkWidget *sp_wrap_new(void);
