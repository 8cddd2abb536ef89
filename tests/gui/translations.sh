#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# translations.sh PO-FOLDER: every language is complete, and says nothing that is
# for a newer or older text.
set -u
cd "$1" || exit 1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd .. && xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=ngettext:1,2 \
	--files-from=po/POTFILES --output="$folder/all.pot" 2>/dev/null)
status=0

complain() { # LANGUAGE WHAT LINES
	[ -n "$3" ] || return 0
	printf '%s: %s:\n%s\n' "$@"
	status=1
}

complain all 'not in POTFILES' "$(cd .. && grep -lrE '\b(_|N_|ngettext)\(' cli client gui policy \
	--include='*.[ch]' | grep -vxF -f po/POTFILES)"

while read -r language; do
	msgfmt --check --output-file=/dev/null "$language.po" || status=1
	msgmerge --quiet --no-fuzzy-matching --output-file="$folder/$language.po" \
		"$language.po" "$folder/all.pot"
	complain "$language" missing \
		"$(msgattrib --untranslated --no-obsolete "$folder/$language.po" | grep '^msgid')"
	complain "$language" fuzzy \
		"$(msgattrib --only-fuzzy --no-obsolete "$language.po" | grep '^msgid')"
	complain "$language" 'of an older text' \
		"$(msgattrib --only-obsolete "$folder/$language.po" | grep '^#~ msgid')"
done <LINGUAS
exit $status
