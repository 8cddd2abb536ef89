/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a question asks, as a sentence. Text; emphasis beside it, never in it. */
#pragma once

#include "question.h"

#define SP_SPANS 3

/* Bytes of the sentence to be emphasised. */
struct sp_span {
	guint start, end;
};

struct sp_headline {
	char *text;
	struct sp_span spans[SP_SPANS];
	guint count;
};

/* "curl wants to connect to shop.test on HTTP (TCP 80)." */
void sp_headline_of(const struct sp_question *question, struct sp_headline *headline);
/* "curl wants to make 12 connections." */
void sp_headline_of_many(const struct sp_question *first, guint count,
			 struct sp_headline *headline);
void sp_headline_clear(struct sp_headline *headline);

/*
 * @phrase with {1}, {2} and {3} replaced, each remembered as a span. Where a
 * piece runs the other way than the words around it, it is isolated.
 */
void sp_headline_expand(const char *phrase, const char *const pieces[SP_SPANS],
			struct sp_headline *headline);
