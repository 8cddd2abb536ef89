/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A question in words and figures, as agents get it: interface Agent, Ask. */
#pragma once

#include <glib.h>
#include "question.h"

GVariant *sp_question_describe(const struct sp_question *question,
			       const struct sp_offer *offer);
GVariant *sp_question_describe_changes(const struct sp_question *question);
