_statetrail() {
    local IFS=$'\013' rest=$COMP_LINE index=0 prefix='' trimmed piece at
    local -a words=()
    # bash divides words at = : and @ as well: pieces without a blank between them are one word.
    for at in "${!COMP_WORDS[@]}"; do
        piece=${COMP_WORDS[at]}
        trimmed=${rest#"${rest%%[![:space:]]*}"}
        if [[ $at -gt 0 && -n $rest && $trimmed == "$rest" ]]; then
            words[${#words[@]} - 1]+=$piece
        else
            words+=("$piece")
        fi
        rest=${trimmed#"$piece"}
        if [[ $at -eq $COMP_CWORD ]]; then
            index=$((${#words[@]} - 1))
            # What bash does not replace.
            prefix=${words[index]}
            [[ $piece =~ ^[=:@]+$ ]] || prefix=${prefix%"$piece"}
            # With completion of host names, an @ is a part of what it replaces.
            [[ $2 == @* ]] && prefix=${prefix%@}
            words[index]=$prefix$2
            break
        fi
    done
    local space=true
    if compopt +o nospace 2> /dev/null; then
        space=false
    fi
    COMPREPLY=($(
        _CLAP_IFS=$IFS \
        _CLAP_COMPLETE_INDEX=$index \
        _CLAP_COMPLETE_COMP_TYPE=$COMP_TYPE \
        _CLAP_COMPLETE_SPACE=$space \
        STATETRAIL_COMPLETE=bash \
        statetrail -- "${words[@]}"
    )) || COMPREPLY=()
    COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
    if [[ $space == false && ${COMPREPLY-} =~ [=/:.]$ ]]; then
        compopt -o nospace
    fi
}
if [[ ${BASH_VERSINFO[0]} -gt 4 || ${BASH_VERSINFO[0]} -eq 4 && ${BASH_VERSINFO[1]} -ge 4 ]]; then
    complete -o nospace -o bashdefault -o nosort -F _statetrail statetrail
else
    complete -o nospace -o bashdefault -F _statetrail statetrail
fi
