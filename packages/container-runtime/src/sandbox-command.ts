import { beginCommand, type MountIdentity } from "./begin-command.ts";
import type { Mount, WorkloadSpec } from "./workload-spec.ts";

/** The facts from which the command of a sandbox is made. */
export type SandboxFacts = {
  /** The path of bubblewrap (0.8 or newer, for `--disable-userns`). */
  readonly bwrap: string;
  readonly spec: Pick<WorkloadSpec, "command" | "folder" | "mounts" | "network" | "pids">;
  /** The mounts of the spec's own files, before those that the spec names. */
  readonly placed: readonly Mount[];
  /** The files that must be at the targets of the spec's mounts. */
  readonly identities: readonly MountIdentity[];
  /**
   * Where /etc/localtime leads, a file below /usr; null if it is missing or another file. Programs read the zone's name from the
   * link: mounted as a file, Node (20.20) named the zone of Berlin "Arctic/Longyearbyen".
   */
  readonly localtime: string | null;
  /** The account as which root runs the sandbox, and the programs for it; null for the account that starts it. */
  readonly switchTo: {
    readonly uid: number;
    readonly gid: number;
    readonly setpriv: string;
    readonly unshare: string;
  } | null;
  /** True if the sandbox ends with the process that started it. Default: false. */
  readonly endsWithStarter?: boolean;
};

/** Maximum processes of a sandbox whose spec has no limit. */
const usualPids = 1_024;

/** Memory for /tmp and for /dev/shm, bytes. */
const [tmpBytes, shmBytes] = [512 * 1024 * 1024, 64 * 1024 * 1024];

/** The machine's programs and libraries. A machine has some of these folders; `/lib` is often a link. */
const programs = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"];

/** The files of /etc that programs need: loading, names, certificates, time. Keys in /etc are not among them. */
const settings = [
  ...["alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d"],
  ...["group", "host.conf", "hosts", "nsswitch.conf", "passwd", "protocols", "services"],
  ...["ca-certificates", "crypto-policies", "pki/ca-trust/extracted", "pki/tls/cert.pem", "pki/tls/certs"],
  ...["ssl/cert.pem", "ssl/certs", "ssl/openssl.cnf"],
  ...["mime.types", "os-release", "terminfo", "timezone"],
].map((name) => `/etc/${name}`);

/** The settings by which programs find other machines. */
const networkSettings = ["/etc/resolv.conf", "/etc/gai.conf"];

/** Where /etc/resolv.conf leads: with systemd, resolvconf, NetworkManager, and in WSL. */
const resolvers = ["/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager", "/mnt/wsl"];

/**
 * The command that runs a workload in a sandbox of bubblewrap: the machine's programs, read-only; the workload's own
 * mounts; no other file, process or network of the machine; no capability.
 *
 * If root starts it for another account, an outer bubblewrap first makes the mounts reachable for that account, below
 * /tmp: the account need not be able to enter root's folders. It has only what the inner one reads, not all of `/`:
 * bubblewrap (0.8.0) fails if a mount below a bound folder ends meanwhile, as those of containers do. It has /etc as a folder:
 * a file that is bound alone and then replaced, as useradd does, cannot be bound by the inner one.
 */
export const sandboxCommand = (facts: SandboxFacts): readonly [string, ...string[]] => {
  const { bwrap, spec, placed, switchTo, endsWithStarter = false } = facts;
  const mounts = [...placed, ...spec.mounts];
  if (switchTo === null) return inSandbox(facts, mounts);
  const read = [...programs, "/etc", ...(spec.network === "open" ? resolvers : []), bwrap, switchTo.setpriv];
  const reachable = mounts.map((mount, index) => ({ ...mount, source: `/tmp/${index}` }));
  const outer: readonly [string, ...string[]] = [
    bwrap,
    // Only root may enter folders that a bind makes on its way.
    ...read.flatMap((path) => ["--dir", path.slice(0, path.lastIndexOf("/")) || "/"]),
    ...read.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--dev-bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--tmpfs", "/tmp"],
    ...mounts.flatMap(({ source }, index) => ["--bind", source, `/tmp/${index}`]),
    ...["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--"],
    ...[switchTo.setpriv, "--reuid", String(switchTo.uid), "--regid", String(switchTo.gid)],
    ...["--clear-groups", "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--"],
    ...inSandbox(facts, reachable),
  ];
  if (!endsWithStarter) return outer;
  // The outer one is root without CAP_KILL, so its end ends no program of the account. The end of a namespace does.
  const ended = ["--pid", "--fork", "--kill-child", "--mount-proc", "--"];
  return [switchTo.setpriv, "--pdeathsig", "KILL", "--", switchTo.unshare, ...ended, ...outer];
};

/** A starter may have a terminal: a program in its session could type there (TIOCSTI, CVE-2017-5226). */
const belowStarter = ({ endsWithStarter = false }: SandboxFacts): readonly string[] =>
  endsWithStarter ? ["--die-with-parent", "--new-session"] : [];

const inSandbox = (facts: SandboxFacts, mounts: readonly Mount[]): readonly [string, ...string[]] => {
  const { bwrap, spec, identities, localtime } = facts;
  const isOpen = spec.network === "open";
  const zone = localtime === null ? ["/etc/localtime"] : [];
  const readOnly = [...programs, ...settings, ...(isOpen ? networkSettings : []), ...zone];
  return [
    bwrap,
    // The gate of a workload leads a session without a terminal itself.
    ...belowStarter(facts),
    ...["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try"],
    ...(isOpen ? [] : ["--unshare-net"]),
    // A program in the sandbox could otherwise get capabilities in a user namespace of its own.
    ...["--disable-userns", "--cap-drop", "ALL", "--hostname", "sandbox"],
    ...readOnly.flatMap((path) => ["--ro-bind-try", path, path]),
    ...(localtime === null ? [] : ["--symlink", localtime, "/etc/localtime"]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...memory("/dev/shm", shmBytes),
    ...memory("/tmp", tmpBytes),
    ...["--dir", "/var", "--symlink", "../tmp", "/var/tmp"],
    ...mounts.flatMap(({ source, target, isReadOnly }) => [
      isReadOnly ? "--ro-bind" : "--bind",
      ...[source, target],
    ]),
    // The root and /dev are memory without a size, so no program may write there.
    ...["--remount-ro", "/dev", "--remount-ro", "/"],
    ...["--chdir", spec.folder, "--"],
    ...beginCommand({
      command: spec.command,
      identities,
      first: limitProcesses(spec.pids ?? usualPids),
      // The gate passes the program's standard input on.
      inputFile: null,
    }),
  ];
};

const memory = (path: string, bytes: number): readonly string[] => [
  ...["--size", String(bytes), "--perms", "1777", "--tmpfs", path],
];

/**
 * Limits the processes of the sandbox: since Linux 5.14 the limit of a user namespace counts its own processes alone.
 * dash names it `-p`, other shells `-u`.
 */
const limitProcesses = (pids: number): string =>
  `ulimit -u ${pids} 2>/dev/null || ulimit -p ${pids} || exit 126`;
