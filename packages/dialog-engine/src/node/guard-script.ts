/**
 * A shell script that outlives a program that was killed: then the pipe from it ends. The terminals of what it had
 * started hang up at that moment, and what takes no notice of it is ended here, with its process group. The groups are
 * named as arguments, and on standard input, a line each: `+4711:1000` from now on, `-4711` no longer; 4711 has
 * 1,000 ms to end by itself. It is a shell, since that is there in 1 ms: Node takes 40, of the processor that the
 * program needs to start. It is a text, since a program that is bundled has no file beside its module. Of 0 and 1,
 * `kill` means this group and all processes, so these are passed over.
 */
export const guardScript: string = `
groups="$*"
while read -r line; do
  case $line in
  +*) groups="$groups \${line#+}" ;;
  -*)
    others=
    for entry in $groups; do
      [ "\${entry%%:*}" = "\${line#-}" ] || others="$others $entry"
    done
    groups=$others
    ;;
  esac
done
waited_ms=0
while :; do
  left=
  for entry in $groups; do
    group=\${entry%%:*}
    [ "$group" -gt 1 ] && kill -s 0 -- "-$group" || continue
    if [ "$waited_ms" -ge "\${entry#*:}" ]; then kill -s KILL -- "-$group"; else left="$left $entry"; fi
  done 2>/dev/null
  [ -n "$left" ] || exit 0
  groups=$left
  sleep 0.02
  waited_ms=$((waited_ms + 20))
done
`;
