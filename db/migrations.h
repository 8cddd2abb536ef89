/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps from an empty database to the schema of this version: the text of
 * migrations/NNN-*.sql, put together by the build. After step n user_version
 * is n; a step that was released is never changed.
 */
#pragma once

extern const char *const sp_migrations[];
extern const unsigned sp_migration_count;
