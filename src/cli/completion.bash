# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for stackinfo(1): the commands and their options come from its help.
_stackinfo()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local commands i command=
	commands=$("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n 's/^    \([a-z][a-z]*\)  .*/\1/p')

	for ((i = 1; i < COMP_CWORD; i++)); do
		case " ${commands//$'\n'/ } " in
		*" ${COMP_WORDS[i]} "*) command=${COMP_WORDS[i]}; break ;;
		esac
	done
	if [[ $command == help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
	elif [[ $cur == -* && -n $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" help "$command" |
			sed -n 's/^ *\(-[A-Za-z]\), .*/\1/p')" -- "$cur")
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '-n --batch --timeout --help --version' -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		[[ -n $command || $prev == -n ]] ||
			mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$commands" -- "$cur")
	fi
}
complete -o filenames -F _stackinfo stackinfo
