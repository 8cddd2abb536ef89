/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page that has something to show, or says why not: it is being fetched, there is
 * nothing, the daemon is not there, a password is wanted, something is wrong. The
 * child set in a template is the content. Properties "empty-icon", "empty-title"
 * and "empty-text" say what it means that there is nothing; "locked-text" what the
 * password is for. Emits "unlock" and "retry" for its buttons.
 */
#pragma once

#include <adwaita.h>

enum sp_page_state {
	SP_PAGE_LOADING,
	SP_PAGE_CONTENT,
	SP_PAGE_EMPTY,
	SP_PAGE_DISCONNECTED,
	SP_PAGE_LOCKED,
	SP_PAGE_ERROR,
};

#define SP_TYPE_PAGE (sp_page_get_type())
G_DECLARE_FINAL_TYPE(SpPage, sp_page, SP, PAGE, GtkWidget)

GtkWidget *sp_page_new(void);
/* @message: of SP_PAGE_ERROR, else NULL. */
void sp_page_show(SpPage *self, enum sp_page_state state, const char *message);
enum sp_page_state sp_page_state(SpPage *self);
/* A bar above the content: it may be old, a password is wanted for newer. */
void sp_page_set_stale(SpPage *self, gboolean stale);
