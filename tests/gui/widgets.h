/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of widgets share. Each test is a process that has a screen. */
#pragma once

#include <adwaita.h>
#include <check.h>

#include "questions.h"
#include "unit.h"

/* Before each test. */
void widgets_start(void);
/* A window with @child in it, on the screen. */
GtkWidget *widgets_show(GtkWidget *child);
/* The window goes, and @child is freed with it: the last thing in each test. */
void widgets_freed(GtkWidget *window, gpointer child);
/* All that is pending has happened. */
void widgets_settle(void);

/* The first visible one below @from that is of this type and has this text. */
GtkWidget *widgets_label(GtkWidget *from, const char *text);
GtkWidget *widgets_button(GtkWidget *from, const char *text);	/* any kind */
/* The first that is shown with this tooltip; NULL: none. */
GtkWidget *widgets_tooltip(GtkWidget *from, const char *text);
/* The first that is shown of this type; NULL: none. */
GtkWidget *widgets_first(GtkWidget *from, GType type);
/* Waits until it can be pressed, and presses it. */
void widgets_press(GtkWidget *button);
/* Counts how often @object emits @signal, whatever its arguments; goes with @object. */
guint *widgets_count(gpointer object, const char *signal);
