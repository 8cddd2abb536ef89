#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes C source with the text of the migrations given, in their order:
# embed.sh FILE.sql…
set -eu

echo '#include "migrations.h"'
echo
echo 'const char *const sp_migrations[] = {'
for file; do
	printf '\t/* %s */\n' "$(basename "$file")"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/\t"/' -e 's/$/\\n"/' "$file"
	printf '\t,\n'
done
echo '};'
echo
echo "const unsigned sp_migration_count = $#;"
