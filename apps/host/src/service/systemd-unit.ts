import { factsOf } from "@gatehouse/places/facts";
import type { Service } from "./service.ts";

/** A directive, and why the unit has it. `since` is the first systemd that knows it; older ones would warn at each start. */
type Row = { readonly line: string; readonly since?: number };

/**
 * Hardening for hosts whose agents run in an engine. Each of these lines also holds for the processes that the host starts, so
 * none of them fits agents that are such processes:
 *
 * - `NoNewPrivileges`, and the lines that imply it (`RestrictSUIDSGID`, `RestrictRealtime`, `LockPersonality`,
 *   `ProtectKernelModules`, `ProtectClock`, `RestrictAddressFamilies`): no sudo, by which agents run as other accounts.
 * - `ProtectKernelTunables`: bubblewrap may not mount /proc in a sandbox.
 * - `ProtectSystem`, `PrivateDevices`: agents see another machine than their people.
 * - `ProtectControlGroups`: no cgroup for each agent.
 *
 * Not here, for any runtime: `PrivateTmp` (an engine mounts by the machine's paths; an adopted agent would keep the /tmp of the
 * host before), `ProtectHome` (data folders and CLIs are in homes), `RestrictNamespaces` (sandboxes), `MemoryDenyWriteExecute`
 * (V8 compiles), `UMask` (people share folders with agents).
 */
const hardening: readonly string[] = [
  "NoNewPrivileges=yes",
  "ProtectSystem=full",
  "PrivateDevices=yes",
  "ProtectControlGroups=yes",
  "ProtectKernelTunables=yes",
  "ProtectKernelModules=yes",
  "ProtectClock=yes",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  "RestrictSUIDSGID=yes",
  "RestrictRealtime=yes",
  "LockPersonality=yes",
];

/** A manager of a user may not mount: of the hardening only this line holds there (systemd.exec(5), 252). */
const hardeningOfUser: readonly string[] = ["NoNewPrivileges=yes"];

/** The lines of a unit. `version` is systemd's; null if it is unknown. */
export const systemdUnit = (service: Service, version: number | null): string => {
  const { scope, account, dataDir, words, environment, runtime } = service;
  const isSystem = scope === "system";
  const hardened =
    factsOf(runtime)?.isolation === "container" ? (isSystem ? hardening : hardeningOfUser) : [];
  const rows: readonly Row[] = [
    { line: "[Unit]" },
    { line: `Description=Gatehouse host of ${text(dataDir)}` },
    // Orders the start, and the other way round the stop: a local PostgreSQL ends after the host. Missing units do no harm.
    ...(isSystem
      ? [
          { line: "After=network-online.target docker.service podman.socket postgresql.service" },
          { line: "Wants=network-online.target" },
        ]
      : []),
    // Restarts go on for ever, but never faster than the delay below.
    { line: "StartLimitIntervalSec=0" },
    { line: "" },
    { line: "[Service]" },
    { line: "Type=exec" },
    ...(isSystem ? [{ line: `User=${account}` }] : []),
    ...Object.entries(environment).map(([name, value]) => ({
      line: `Environment=${quoted(`${name}=${value}`)}`,
    })),
    { line: `ExecStart=${commandLine([...words, "up", "--data", dataDir, "--watchdog", ...service.flags])}` },
    // Until it ends, the unit is "activating": it is started when the host answers.
    { line: `ExecStartPost=${commandLine([...words, "service", "ready", "--data", dataDir])}` },
    // A large database may be migrated first.
    { line: "TimeoutStartSec=15min" },
    // The host ends within 8 s.
    { line: "TimeoutStopSec=20s" },
    // Only the host is ended. Its agents live through a kill of it, and the next host takes them over.
    { line: "KillMode=process" },
    // A cgroup for each agent.
    { line: "Delegate=yes" },
    { line: "Restart=on-failure" },
    { line: "RestartSec=2s" },
    { line: "RestartSteps=6", since: 254 },
    { line: "RestartMaxDelaySec=2min", since: 254 },
    // Wrong flags stay wrong.
    { line: "RestartPreventExitStatus=2" },
    { line: "SuccessExitStatus=130 143" },
    ...hardened.map((line) => ({ line })),
    { line: "" },
    { line: "[Install]" },
    { line: `WantedBy=${isSystem ? "multi-user.target" : "default.target"}` },
  ];
  const known = rows.filter(({ since = 0 }) => since <= (version ?? 0));
  return known.map(({ line }) => `${line}\n`).join("");
};

/**
 * A command line by the rules of systemd.service(5): the first word is a path, in which variables are not expanded; in the
 * others `$` begins one.
 */
const commandLine = ([program = "", ...words]: readonly string[]): string =>
  [quoted(program), ...words.map(argumentIn)].join(" ");

/** An argument of a command, as a unit has it. */
export const argumentIn = (word: string): string => quoted(word.replaceAll("$", "$$$$"));

/** One word by systemd.syntax(7). A specifier begins with `%`. */
const quoted = (word: string): string =>
  /^[\w@+=:,./$-]+$/.test(word) ? word : `"${text(word).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/** A text without quotes, such as a description: only specifiers count. */
const text = (value: string): string => value.replaceAll("%", "%%");
