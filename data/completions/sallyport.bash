# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for sallyport(1).

# Numbers of the rules, as far as they are to be had without a password.
_sallyport_rule_ids() {
	SALLYPORT_NO_PASSWORD=1 sallyport rules list --json 2>/dev/null </dev/null |
		sed -n 's/.*"id": *\([0-9][0-9]*\).*/\1/p'
}

# What may follow the word before the cursor in a rule: the words so far are
# "${words[@]:3}".
_sallyport_rule() {
	local word direction=

	case $prev in
	program) compgen -f -W like -- "$cur"; return ;;
	script | parent | like) compgen -f -- "$cur"; return ;;
	app) compgen -W 'flatpak: snap:' -- "$cur"; return ;;
	traced) compgen -W 'yes no' -- "$cur"; return ;;
	hash | package | unit | network | domain) return ;;
	user) compgen -u -- "$cur"; return ;;
	owner) compgen -u -W system -- "$cur"; return ;;
	protocol) compgen -W 'tcp udp icmp icmpv6 sctp' -- "$cur"; return ;;
	interface) compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$cur"; return ;;
	to | from) compgen -W 'domain resolver loopback lan multicast internet' -- "$cur"; return ;;
	port | local-port | remote-port | until) return ;;
	allow | deny | drop | ask) compgen -W 'out in' -- "$cur"; return ;;
	log) compgen -W 'allow deny drop ask' -- "$cur"; return ;;
	floor) compgen -W 'log allow deny drop ask' -- "$cur"; return ;;
	disabled) compgen -W 'floor log allow deny drop ask' -- "$cur"; return ;;
	esac
	for word in "${words[@]:3:cword-3}"; do
		case $word in in | out) direction=$word ;; esac
	done
	case $direction in
	out) compgen -W 'program user owner hash package app unit script parent traced protocol to port local-port interface network until' -- "$cur" ;;
	in) compgen -W 'program user owner hash package app unit script parent traced protocol from port remote-port interface network until' -- "$cur" ;;
	*) compgen -W 'allow deny drop ask floor disabled log -' -- "$cur" ;;
	esac
}

_sallyport_options() {
	case $1 in
	status) echo '--json --verbose' ;;
	rules\ list) echo '--all --sentences --unused --json' ;;
	rules\ show) echo '--json' ;;
	undo) echo '--redo --change --dry-run --confirm-within --list --number --all --json' ;;
	rules\ add) echo '--for --owner --dry-run --confirm-within' ;;
	rules\ import) echo '--dry-run --json --confirm-within' ;;
	rules\ edit) echo '--dry-run --confirm-within' ;;
	rules\ remove | rules\ enable | rules\ disable) echo '--confirm-within' ;;
	mode) echo '--for --reason --confirm-within --json' ;;
	rules\ export) echo '--all --json' ;;
	rules\ check) echo '--flows --json' ;;
	networks | networks\ list) echo '--json' ;;
	networks\ name | networks\ forget) echo '--confirm-within' ;;
	explain) echo '--all' ;;
	answer) echo '--lines' ;;
	log) echo '--all --flows --follow --number --json' ;;
	watch) echo '--all --json' ;;
	connections) echo '--all --watch --json' ;;
	totals) echo '--by --last --step --all --json' ;;
	forget) echo '--all' ;;
	doctor) echo '--json' ;;
	esac
}

_sallyport_words() {
	local command=${words[1]-}

	if [ "$cword" -le 1 ]; then
		compgen -W 'status mode networks confirm rules explain undo answer log totals forget watch connections doctor --help --version --no-color' -- "$cur"
		return
	fi
	if [ "$command" = rules ]; then
		if [ "$cword" -eq 2 ]; then
			compgen -W 'list show add edit remove enable disable import export check --help' -- "$cur"
			return
		fi
		command="rules ${words[2]}"
	fi
	if [ "$command" = networks ] && [ "$cword" -gt 2 ]; then
		command="networks ${words[2]}"
	fi
	case $command\ $prev in
	*\ --confirm-within) compgen -W '30s 1m 5m' -- "$cur" ;;
	*\ --for) compgen -W '15m 1h 1d' -- "$cur" ;;
	totals\ -s | totals\ --step) compgen -W 'minute hour day' -- "$cur" ;;
	totals\ -l | totals\ --last) compgen -W '1h 1d 4w' -- "$cur" ;;
	totals\ -b | totals\ --by) compgen -W 'user direction program host port protocol action' -- "$cur" ;;
	*\ --owner) compgen -u -W system -- "$cur" ;;
	rules\ check\ -f | rules\ check\ --flows) compgen -f -- "$cur" ;;
	rules\ list\ -u | rules\ list\ --unused) compgen -W '30 90 365' -- "$cur" ;;
	log\ -n | log\ --number) compgen -W '20 100 1000' -- "$cur" ;;
	*)
		if [ "${cur#-}" != "$cur" ]; then
			compgen -W "$(_sallyport_options "$command") --help --no-color" -- "$cur"
		elif [ "$command" = 'rules add' ] ||
			{ [ "$command" = 'rules edit' ] && [ "$cword" -gt 3 ]; }; then
			_sallyport_rule
		elif [ "$command" = 'rules edit' ] && [ "$cword" -eq 3 ]; then
			compgen -W "$(_sallyport_rule_ids)" -- "$cur"
		elif [ "$command" = mode ]; then
			[ "$cword" -eq 2 ] && compgen -W 'normal learn lockdown off' -- "$cur"
		elif [ "$command" = networks ]; then
			compgen -W 'list name forget ignore' -- "$cur"
		elif [ "${command#networks }" != "$command" ] && [ "$cword" -eq 3 ]; then
			compgen -W "$(command ls /sys/class/net 2>/dev/null)" -- "$cur"
		elif [ "$command" = 'networks name' ] && [ "$cword" -eq 4 ]; then
			compgen -W 'home public vpn' -- "$cur"
		elif [ "$command" = connections ]; then
			[ "$cword" -eq 2 ] && compgen -W end -- "$cur"
		elif [[ $command = 'rules '@(remove|show|enable|disable) ]]; then
			compgen -W "$(_sallyport_rule_ids)" -- "$cur"
		elif [ "$command" = 'rules import' ] || [ "$command" = 'rules check' ]; then
			compgen -f -- "$cur"
		fi ;;
	esac
}

_sallyport() {
	local words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	local cur=${COMP_WORDS[COMP_CWORD]} prev=

	[ "$cword" -gt 0 ] && prev=${COMP_WORDS[COMP_CWORD-1]}
	if [ "$prev" = program ]; then
		compopt -o filenames 2>/dev/null
	fi
	mapfile -t COMPREPLY < <(_sallyport_words)
}

complete -F _sallyport sallyport
