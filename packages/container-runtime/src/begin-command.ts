/** The file that a container must find at a target: its device and number, as `stat -c %d:%i` prints them. */
export type MountIdentity = { readonly target: string; readonly identity: string };

/**
 * The shell script that starts the program in a container. It opens the input and removes its file. Then it compares
 * the mounts: `$1` has a line `device:inode target` for each, `$2` their number, and the targets come before the
 * program's words. All names are arguments. One `stat` reads all mounts: each process costs milliseconds of the start.
 */
const script = `[ "$0" = - ] || { exec <"$0"; rm -f -- "$0"; }
wanted=$1 count=$2
shift 2
[ "$count" = 0 ] || {
  command -v stat >/dev/null || { echo "gatehouse: the agent has no stat on its PATH, which compares the mounts" >&2; exit 126; }
  found=$(
    moved=0
    while [ "$moved" -lt "$count" ]; do set -- "$@" "$1"; shift; moved=$((moved + 1)); done
    shift $(($# - count))
    stat -c "%d:%i %n" "$@"
  )
  [ "$found" = "$wanted" ] || {
    printf "%s\\n" "$wanted" | while read -r line; do
      case "|$(printf %s "$found" | tr "\\n" "|")|" in
        *"|$line|"*) ;;
        *) echo "gatehouse: the folder at \${line#* } was exchanged before the start" >&2 ;;
      esac
    done
    exit 126
  }
}
shift "$count"
exec "$@"`;

export type Beginning = {
  readonly command: readonly string[];
  /** The file with the program's standard input, as the container sees it; null for the container's own. */
  readonly inputFile: string | null;
  /** The files that must be at the targets of mounts. */
  readonly identities: readonly MountIdentity[];
  /** A line of shell that runs before. */
  readonly first?: string;
};

/** The command that checks a container's mounts, opens its input, and becomes its program. */
export const beginCommand = ({
  command,
  inputFile,
  identities,
  first = "",
}: Beginning): readonly [string, ...string[]] => [
  "/bin/sh",
  ...["-c", `${first}\n${script}`, inputFile ?? "-"],
  identities.map(({ target, identity }) => `${identity} ${target}`).join("\n"),
  String(identities.length),
  ...identities.map(({ target }) => target),
  ...command,
];
