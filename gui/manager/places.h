/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a program went, over a period: a GListModel of SpTraffic. Nothing is asked before
 * somebody wants to know how many there are, and no more than is looked at: the daemon
 * tells them in pages, by direction and host. Where all fit in the first one, the busiest
 * is the first.
 */
#pragma once

#include "period.h"
#include "query.h"
#include "traffic.h"

#define SP_TYPE_PLACES (sp_places_get_type())
G_DECLARE_FINAL_TYPE(SpPlaces, sp_places, SP, PLACES, SpItems)

/* @told: what fails becomes its failure. */
SpPlaces *sp_places_new(SpLink *link, SpQuery *told, const char *program);
const char *sp_places_program(SpPlaces *self);
/* From now on; asks again, if somebody looked before. @needle: in host or program; "": any. */
void sp_places_look(SpPlaces *self, const struct sp_period *period, const char *needle);
