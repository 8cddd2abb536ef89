/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the editor's lists offer for a draft: protocols, and for how long. */
#pragma once

#include <gtk/gtk.h>

#include "draft.h"

/* What is chosen becomes the draft's field, or a lifetime that goes with it. */
struct sp_choice {
	char *words;		/* of the field; "" */
	const char *lifetime;	/* "15m", …; NULL */
};

struct sp_choices {
	GtkStringList *names;	/* as they are shown */
	GArray *choices;	/* struct sp_choice, in the same order */
};

/* The draft's own is among them, and stands at *@selected. */
void sp_choices_protocols(struct sp_choices *choices, const struct sp_draft *draft, guint *selected);
void sp_choices_lifetimes(struct sp_choices *choices, const struct sp_draft *draft, guint *selected);
/* NULL: no such one, as while a list is being filled. */
const struct sp_choice *sp_choices_get(const struct sp_choices *choices, guint position);
void sp_choices_clear(struct sp_choices *choices);
