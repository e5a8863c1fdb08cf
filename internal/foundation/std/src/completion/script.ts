/** Shells for which a client completes words. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * bash splits words not only at blanks, but also at characters such as ":" and "=". The script joins the
 * parts between two blanks again, as they were typed. It tells the client where bash splits, because bash
 * replaces only the last part.
 */
const bash = (program: string): string => `_${program}() {
  local rest part blank i words=()
  if [[ -n $COMP_LINE ]]; then
    rest=\${COMP_LINE:0:COMP_POINT}
  else
    local IFS=' '
    rest="\${COMP_WORDS[*]:0:COMP_CWORD+1}"
  fi
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=\${rest%%[![:space:]]*}
    rest=\${rest#"$blank"}
    part=\${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then part=$rest; fi
    if ((i == 0)) || [[ -n $blank ]]; then words+=("$part"); else words[\${#words[@]}-1]+=$part; fi
    rest=\${rest#"$part"}
  done
  COMPREPLY=()
  while IFS= read -r part; do COMPREPLY+=("$part"); done < <(
    COMP_WORDBREAKS=$COMP_WORDBREAKS ${program} completion words bash -- "\${words[@]:1}" 2>/dev/null
  )
}
complete -o default -F _${program} ${program}
`;

/** zsh itself quotes the text that it inserts. It shows the description next to the value. Without candidates it completes files. */
const zsh = (program: string): string => `#compdef ${program}
_${program}() {
  local line
  local -a values shown
  while IFS= read -r line; do
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done < <(${program} completion words zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (($#values)); then compadd -d shown -a values; else _files; fi
}
compdef _${program} ${program}
`;

/**
 * fish quotes too, and reads the description after a tab. `string join` keeps an empty word. Without candidates it
 * completes files.
 */
const fish = (program: string): string => `function __${program}_words
  set -l typed (commandline -opc)[2..] (string join -- "" "" (commandline -ct))
  set -l words (${program} completion words fish -- $typed 2>/dev/null)
  if test (count $words) -gt 0
    printf '%s\\n' $words
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ${program} -f -a '(__${program}_words)'
`;

const scripts: Readonly<Record<Shell, (program: string) => string>> = { bash, zsh, fish };

/**
 * The script that a person sources. It calls `PROGRAM completion words SHELL -- WORD...` with the words of
 * the line, the last of which is under the cursor. `program` is a name of letters, digits and dashes.
 */
export const completionScript = (shell: Shell, program: string): string => {
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(program))
    throw new TypeError(`${program} cannot be the name of a shell function`);
  return scripts[shell](program);
};
