/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A flow in words, to be explained or replayed: the words of a rule, each with the
 * one value that the flow has, and its names behind "called".
 *
 *	allow out program /usr/bin/curl user 1000 protocol tcp to 192.0.2.1
 *	      port 443 called www.example.org called cdn.example
 *
 * The action is what was decided then; "ask" where nothing was. What is left out
 * is not known, but for numbers, which are 0.
 */
#pragma once

#include "decide.h"
#include "text.h"

#define SP_FLOW_NAMES_MAX 16

struct sp_flow_line {
	struct sp_flow flow;
	struct sp_facts facts;		/* point into what follows */
	enum sp_action action;
	struct sp_rule rule;		/* what the line says, as a rule */
	char *names[SP_FLOW_NAMES_MAX];
	const char *parents[1];
};

/* As sp_text_read(); 1: to be cleared by the caller, and not to be moved. */
int sp_flow_line_read(const char *text, size_t length, const struct sp_text_context *context,
		      struct sp_flow_line *line, struct sp_text_error *error);
void sp_flow_line_clear(struct sp_flow_line *line);
