/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is new since yesterday: an SpItems of SpNovelty. A program that used the network, a
 * host that was connected to, a port where a program was connected to, in the last day but
 * not in the thirty before. Programs first, then ports, then hosts.
 */
#pragma once

#include "query.h"
#include "traffic.h"

#define SP_TYPE_NOVELTY (sp_novelty_get_type())
G_DECLARE_FINAL_TYPE(SpNovelty, sp_novelty, SP, NOVELTY, GObject)

const char *sp_novelty_program(SpNovelty *self);
char *sp_novelty_title(SpNovelty *self);	/* "sshd listens on TCP port 22" */
char *sp_novelty_detail(SpNovelty *self);	/* "New port · 3 allowed" */
/* As sp_traffic_draft(). */
struct sp_draft *sp_novelty_draft(SpNovelty *self, enum sp_action action);

#define SP_TYPE_NEWS (sp_news_get_type())
G_DECLARE_FINAL_TYPE(SpNews, sp_news, SP, NEWS, SpItems)

SpNews *sp_news_new(SpLink *link);
/* What there was before, and what there is since; asked only when it is looked for. */
SpQuery *sp_news_before(SpNews *self);
SpQuery *sp_news_today(SpNews *self);
void sp_news_look(SpNews *self);
/* Too many hosts to know them all: new ones are not told. */
gboolean sp_news_lacks_hosts(SpNews *self);
