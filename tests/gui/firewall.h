/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A daemon for tests of the manager: on a system bus of its own, it says what it is told to. */
#pragma once

#include <gio/gio.h>

struct gui_firewall;

/* Once a process, before anything connects; it is there from the beginning. */
struct gui_firewall *gui_firewall_new(void);
void gui_firewall_free(struct gui_firewall *firewall);

/* Its name goes from the bus, or comes back. */
void gui_firewall_leave(struct gui_firewall *firewall);
void gui_firewall_come(struct gui_firewall *firewall);

/* What "Rules.List" and the like say from now on, a tuple; floating. */
void gui_firewall_says(struct gui_firewall *firewall, const char *method, GVariant *reply);
/* @compute: from a call's arguments its reply; NULL: the error Limit. */
void gui_firewall_computes(struct gui_firewall *firewall, const char *method,
			   GVariant *(*compute)(GVariant *args));
/* An error of that name ("NotAuthorized") instead, to those who may not be asked for a password. */
void gui_firewall_refuses(struct gui_firewall *firewall, const char *method, const char *error);
/* To everybody; NULL ends both. */
void gui_firewall_fails(struct gui_firewall *firewall, const char *method, const char *error);
/* Emits "Changed" of an interface. */
void gui_firewall_changed(struct gui_firewall *firewall, const char *interface);

/* Has it been called since gui_firewall_called() told of the last one? */
gboolean gui_firewall_has_call(struct gui_firewall *firewall, const char *method);
/* Waits for the next call of that method, and gives its arguments. Freed by the caller. */
GVariant *gui_firewall_called(struct gui_firewall *firewall, const char *method);

/* One dictionary of a rule as Rules.List has it; floating. */
GVariant *gui_rule(guint64 id, const char *text, guint32 owner);
