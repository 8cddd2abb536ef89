/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A window with what is odd about the rules, each mended at a click. */
#pragma once

#include <adwaita.h>

#include "changes.h"
#include "findings.h"

#define SP_TYPE_REVIEW (sp_review_get_type())
G_DECLARE_FINAL_TYPE(SpReview, sp_review, SP, REVIEW, AdwWindow)

GtkWidget *sp_review_new(SpFindings *findings, SpChanges *changes);
