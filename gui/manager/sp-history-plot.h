/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A period as bars, with what the axes mean. Dragging over it looks at a part of the period;
 * a button goes back to the whole.
 */
#pragma once

#include <gtk/gtk.h>

#include "history.h"

#define SP_TYPE_HISTORY_PLOT (sp_history_plot_get_type())
G_DECLARE_FINAL_TYPE(SpHistoryPlot, sp_history_plot, SP, HISTORY_PLOT, GtkBox)

GtkWidget *sp_history_plot_new(void);
/* Asks nothing before it is refreshed. */
void sp_history_plot_set(SpHistoryPlot *self, SpHistory *history, enum sp_range range);
/* The last hour, …, until it is another one. */
void sp_history_plot_range(SpHistoryPlot *self, enum sp_range range);
/* Looks again, if what it shows ends now. */
void sp_history_plot_refresh(SpHistoryPlot *self);
