/**
 * A shell script that outlives a killed program. When the program is gone, the pipe from it ends. The terminals of its
 * children then hang up; this script kills the process groups that ignore the hangup. It gets the groups as arguments,
 * and on standard input, one per line: `+4711:1000` starts watching group 4711 and gives it 1,000 ms to end by itself,
 * `-4711` stops watching it. A shell starts in 1 ms; Node takes 40 ms of the processor time that the program needs to
 * start. The script is a string because a bundled program has no file beside its module. `kill` reads group 0 as its
 * own group and group 1 as all processes, so the script skips both.
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
