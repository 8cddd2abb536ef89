/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is somebody at a window? A hand is here from when the pointer moves over it
 * or a key is pressed in it, until the pointer leaves or nothing has happened
 * for a while. A pointer that merely lies where the window appears is no hand.
 */
#pragma once

#include <gtk/gtk.h>

#define SP_HAND_SECONDS 20

struct sp_hand;

typedef void (*sp_hand_changed)(gboolean here, void *data);

/* Free it before @widget. */
struct sp_hand *sp_hand_new(GtkWidget *widget, sp_hand_changed changed, void *data);
void sp_hand_free(struct sp_hand *hand);
gboolean sp_hand_is_here(const struct sp_hand *hand);
