/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of the manager share: a daemon that says what it is told, and a link to it. */
#pragma once

#include "firewall.h"
#include "link.h"
#include "widgets.h"

#define ME ((guint32)getuid())

extern struct gui_firewall *firewall;
extern SpLink *link_to;

/* Around each test. */
void manager_start(void);
void manager_stop(void);

/* aa{sv} of these, as far as they are not NULL; floating. */
GVariant *list_of(GVariant *first, GVariant *second, GVariant *third);
GVariant *reply_of(GVariant *list);	/* a tuple of it alone */

/* A label with this text that can be seen; NULL: none. */
GtkWidget *shown(GtkWidget *from, const char *text);
void wait_for_shown(GtkWidget *from, const char *text);
/* Whether it can be seen or not. */
void wait_for_label(GtkWidget *from, const char *text);
