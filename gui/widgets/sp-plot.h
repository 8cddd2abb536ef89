/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bars over time, each of two parts, the second on top: allowed and refused, in and out.
 * For who does not see it, the summary is its name. Where it may be selected from, dragging
 * over it emits "selected" (first, last), positions of values; so does Enter, of what arrow
 * keys have chosen, of which each emits "pointed" (first, last).
 */
#pragma once

#include <gtk/gtk.h>

enum sp_plot_kind {
	SP_PLOT_DECISIONS,	/* allowed and refused */
	SP_PLOT_TRAFFIC,	/* in and out */
};

#define SP_TYPE_PLOT (sp_plot_get_type())
G_DECLARE_FINAL_TYPE(SpPlot, sp_plot, SP, PLOT, GtkWidget)

GtkWidget *sp_plot_new(void);
/* @lower, @upper: of each bar; copied. Of more than 120 neighbours are added up. */
void sp_plot_set(SpPlot *self, const double *lower, const double *upper, guint count,
		 const char *summary);
void sp_plot_set_kind(SpPlot *self, enum sp_plot_kind kind);
/* Bars scale to this if it is greater than all of them. */
void sp_plot_set_least(SpPlot *self, double least);
/* From now on. @hint: how. */
void sp_plot_set_selectable(SpPlot *self, const char *hint);
/* For who does not see what is pointed at. */
void sp_plot_describe(SpPlot *self, const char *text);
double sp_plot_highest(SpPlot *self);	/* bar, whole */
