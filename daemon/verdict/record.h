/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records for the history, filled from what is known about a flow. */
#pragma once

#include <stddef.h>
#include "cover.h"
#include "verdict.h"

/* A flow that waited, and what became of it at @now. */
void sp_record_waiting(struct sp_record *record, const struct sp_waiting *waiting,
		       const struct sp_now *now);
/* What the kernel told. @path may be NULL. False: nothing to be recorded. */
bool sp_record_event(struct sp_record *record, const struct sallyport_event *event,
		     const char *path, const struct sp_now *now);

/* @path cut to @size bytes with its NUL; "…" stands for what left the middle. */
void sp_record_path(char *to, size_t size, const char *path, size_t length);
