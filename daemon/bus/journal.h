/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The methods of Rules about the journal: Undo, Redo, Journal. */
#pragma once

#include "faces.h"
#include "sp-bus.h"

void sp_face_journal(SpBusRules *skeleton, struct sp_face *face);
