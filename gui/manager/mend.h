/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of the check-up's findings can be mended from here. */
#pragma once

#include "changes.h"
#include "doctor.h"

enum sp_mend {
	SP_MEND_NOTHING,
	SP_MEND_START_SERVICE,	/* sallyportd, by systemd */
	SP_MEND_START_AGENT,	/* the session's */
	SP_MEND_TURN_ON,	/* the mode becomes normal */
};

/* @status: as the finding was made from; may be NULL. */
enum sp_mend sp_mend_for(const struct sp_finding *finding, GVariant *status);
/* What its button says; NULL for nothing. */
const char *sp_mend_label(enum sp_mend mend);
/* polkit asks for a password; @changes tells what became of it. */
void sp_mend(enum sp_mend mend, SpChanges *changes);
