/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many rules at once: the method Import of the interface Rules. */
#pragma once

#include "faces.h"
#include "sp-bus.h"

/* Text of one import, in bytes: of a user, and of root. */
#define SP_IMPORT_OF_USER	(4u << 20)
#define SP_IMPORT_OF_ROOT	(64u << 20)

void sp_face_import(SpBusRules *skeleton, struct sp_face *face);

struct sp_imports;
struct sp_imports *sp_imports_new(void);
void sp_imports_free(struct sp_imports *imports);
