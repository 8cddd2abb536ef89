/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was refused without anybody having said so, gathered for one
 * notification: nobody answered, nobody could be asked, too much waited. What
 * a rule or an answer refused is no news.
 */
#pragma once

#include <glib.h>

struct sp_refused;

struct sp_refused *sp_refused_new(void);
void sp_refused_free(struct sp_refused *refused);

/* A record of the interface History. FALSE: it is no such refusal. */
gboolean sp_refused_add(struct sp_refused *refused, GVariant *record);
guint sp_refused_count(const struct sp_refused *refused);
void sp_refused_clear(struct sp_refused *refused);

/* "3 connections were refused", and a line a program. */
char *sp_refused_summary(const struct sp_refused *refused);
char *sp_refused_body(const struct sp_refused *refused);
