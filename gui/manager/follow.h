/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page shows the state of what it is fed from. */
#pragma once

#include "query.h"
#include "sp-page.h"

/*
 * @page is as @query from now on, and empty when @shown has nothing; its buttons
 * unlock and ask again. Ends with the page, which keeps both.
 */
void sp_follow(SpPage *page, SpQuery *query, GListModel *shown);
/* The same where @first has to be ready, too, before @query is of any use. */
void sp_follow_both(SpPage *page, SpQuery *first, SpQuery *query, GListModel *shown);
