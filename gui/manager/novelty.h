/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A novelty as news.c finds it. */
#pragma once

#include "news.h"

enum sp_novelty_kind {
	SP_NEW_PROGRAM,
	SP_NEW_PORT,
	SP_NEW_HOST,
};

/* @traffic: the program, or the place. */
SpNovelty *sp_novelty_new(enum sp_novelty_kind kind, SpTraffic *traffic);
enum sp_novelty_kind sp_novelty_kind(SpNovelty *self);
