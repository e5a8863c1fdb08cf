/** The file that a container must find at a target: its device and number, as `stat -c %d:%i` prints them. */
export type MountIdentity = { readonly target: string; readonly identity: string };

/**
 * The shell script that starts the program in a container. It opens the input and removes its file. Then it compares
 * the mounts with pairs of a target and its expected `device:inode`, up to `--`. All names are arguments.
 */
const script = `[ "$0" = - ] || { exec <"$0"; rm -f -- "$0"; }
while [ "$1" != -- ]; do
  command -v stat >/dev/null || { echo "gatehouse: the image has no stat, which compares the mounts" >&2; exit 126; }
  [ "$(stat -c %d:%i "$1")" = "$2" ] || { echo "gatehouse: the folder at $1 was exchanged before the start" >&2; exit 126; }
  shift 2
done
shift
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
  ...identities.flatMap(({ target, identity }) => [target, identity]),
  "--",
  ...command,
];
