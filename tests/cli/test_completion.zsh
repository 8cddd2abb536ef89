#!/usr/bin/zsh -f
# SPDX-License-Identifier: GPL-2.0-or-later
# test_completion.zsh FOLDER: what zsh offers after the words so far, typed into a
# shell on a terminal of its own. FOLDER has _sallyport. TAP.

zmodload zsh/zpty || exit 1
folder=$(mktemp -d) number=0 failed=0
trap 'rm -rf $folder' EXIT

# What is offered is a line each behind "offered", and nothing is inserted.
cat >$folder/setup <<'END'
PROMPT= RPROMPT= LISTMAX=0
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit && compinit -u -D
zstyle ':completion:*' insert-tab false
bindkey '^I' complete-word
sallyport() {
  [[ $* = 'rules list --json' && -n $SALLYPORT_NO_PASSWORD ]] &&
    printf '{"id":12,"text":"deny out"}\n{"id":345,"text":"deny in"}\n'
}
compadd() {
  local -a hits
  if [[ ${@[1,(i)(-|--)]} = *-(O|A|D)* ]]; then
    builtin compadd "$@"
    return
  fi
  builtin compadd -O hits "$@"
  (( $#hits )) && print -l -- offered\ $^hits
  return 0
}
all_told() { print -- 'that is all'; exit }
comppostfuncs=(all_told)
END

# offers "EXPECTED" TYPED: all that is offered, in alphabetical order.
offers() {
  local line offered=()
  (( number++ ))
  zpty shell "COMPLETIONS=${(q)COMPLETIONS} zsh -f -i"
  zpty -w shell "source $folder/setup"
  zpty -w -n shell "sallyport $2"$'\t'
  while zpty -r shell line '*'$'\n'; do
    line=${${line//$'\r'/}%$'\n'}
    [[ $line = *'that is all'* ]] && break
    [[ $line = *'offered '* ]] && offered+=(${line##*offered })
  done
  zpty -d shell
  offered=(${(ou)offered})
  if [[ "$offered" = "$1" ]]; then
    print "ok $number - $2"
  else
    failed=1
    print "not ok $number - $2\n# expected: $1\n# got: $offered"
  fi
}

COMPLETIONS=$1
print 1..14
offers 'status' 'st'
offers 'add check disable edit enable export import list remove show' 'rules '
offers 'allow' 'rules add al'
offers 'in out' 'rules add --for 1h deny '
offers 'package parent port program protocol' 'rules add allow out p'
offers '12 345' 'rules remove '
offers '345' 'rules edit 3'
offers '12' 'rules disable 345 1'
offers 'bashbug' 'rules add deny out program /bin/bashb'
offers 'home public vpn' 'networks name eth0 '
offers 'learn lockdown normal off' 'mode '
offers '--redo' 'undo --r'
offers '--confirm-within' 'rules remove --c'
offers 'end' 'connections '
exit $failed
