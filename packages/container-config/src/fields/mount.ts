import { z } from "zod";
import type { Mount } from "../container-config.ts";
import { line } from "./texts.ts";

/** Where mounts are in a container: what is named without a leading / is below it. */
export const mountRoot = "/workspace/extra";

/** Folders whose names say that keys are in them, and files that are keys: an agent that reads them is its owner. */
const secretNames: readonly string[] = [
  ".ssh",
  ".gnupg",
  ".gpg",
  ".aws",
  ".azure",
  ".gcloud",
  ".kube",
  ".docker",
  ".password-store",
  ".netrc",
  ".npmrc",
  ".pypirc",
  ".git-credentials",
  ".env",
  ".secrets",
  "credentials",
  "id_rsa",
  "id_ed25519",
  // Where the agents' own CLIs keep their sign-in, and whom they trust.
  ".codex",
  ".gemini",
  ".qwen",
  ".kimi",
  ".copilot",
];

/** `.claude`, `.claude.json`, `.claude.json.backup.1763`: sign-in, trust, and what runs as a hook. */
const secretStarts: readonly string[] = [".claude"];

/** In `.config` many programs keep a folder each, some of them with keys: whole it is none to mount, and neither are these. */
const secretsInConfig: readonly string[] = ["gcloud", "gh"];

/** Nothing in these is for an agent; a socket in /run is the whole machine. */
const systemFolders: readonly string[] = [
  "/etc",
  "/proc",
  "/sys",
  "/dev",
  "/boot",
  "/run",
  "/var/run",
  "/root/.ssh",
];

/** What the host itself runs from, or as: read, it tells little; written, it is the host. */
const programFolders: readonly string[] = [
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/usr",
  "/var",
  // macOS.
  "/System",
  "/Library",
  "/Applications",
  "/private/etc",
  "/private/var/db",
  "/private/var/root",
  "/private/var/run",
];

/** Folders whose entries are homes, on Linux and macOS; `/var/home` on Fedora's immutable systems. */
const homesFolders: readonly string[] = ["/home", "/Users", "/var/home"];

const folders = (path: string): readonly string[] => path.split("/").filter((name) => name !== "");

const isWithin = (path: string, folder: string): boolean =>
  path === folder || folder === "/" || path.startsWith(`${folder}/`);

/** One holds the other, or they are the same. */
const overlap = (one: string, other: string): boolean => isWithin(one, other) || isWithin(other, one);

/** `..` climbs out, `:` and `,` end a path in the options of container programs. */
const path = line(4_096)
  .refine((text) => !/(?:^|\/)\.\.?(?:\/|$)/.test(text), "has . or .. in it: write the folder's real path")
  .refine(
    (text) => !/[:,\\]/.test(text),
    "has one of : , \\ in it, which no container program takes in a path",
  )
  .transform((text) => withoutExtraSlashes(text));

const withoutExtraSlashes = (path: string): string => path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");

/** The place in the container that a path names: a path without a leading / is below `mountRoot`. */
export const placeInContainer = (path: string): string =>
  path.startsWith("/") ? withoutExtraSlashes(path) : `${mountRoot}/${withoutExtraSlashes(path)}`;

const hostPath = path.superRefine((text, context) => {
  if (!text.startsWith("/")) return context.addIssue("is not absolute: start with /");
  const system = systemFolders.find((folder) => overlap(text, folder));
  if (system !== undefined)
    return context.addIssue(`holds ${system} or is in it, which no container may see`);
  const secret = secretIn(folders(text));
  if (secret !== null) context.addIssue(`leads through ${secret}: keys are no part of a container`);
  const home = homeAt(text);
  if (home !== null) context.addIssue(home);
});

/** What in a path says that keys are there. Some file systems do not tell upper case from lower. */
const secretIn = (names: readonly string[]): string | null => {
  const lower = names.map((name) => name.toLowerCase());
  const index = lower.findIndex((name, at) => {
    if (name === ".config") return [undefined, ...secretsInConfig].includes(lower[at + 1]);
    return secretNames.includes(name) || secretStarts.some((start) => name.startsWith(start));
  });
  return names[index] ?? null;
};

/** A folder of homes, or one of them, whoever has an account here: mounts are of what is in them. */
const homeAt = (path: string): string | null => {
  if (homesFolders.some((folder) => isWithin(folder, path))) return "holds homes: mount a folder in one";
  const isHome = path === "/root" || homesFolders.includes(path.slice(0, path.lastIndexOf("/")));
  return isHome ? "is a home: mount a folder in it, not the whole home" : null;
};

const containerPath = path
  .transform(placeInContainer)
  .refine((text) => text.startsWith(`${mountRoot}/`), `is not below ${mountRoot}`);

/** A mount that no host allows to lead to keys or into the system; `mountProblem` knows the rest of a host. */
export const mount: z.ZodType<Mount> = z
  .strictObject({ hostPath, containerPath, readonly: z.exactOptional(z.boolean()) })
  .superRefine((typed, context) => {
    const system =
      typed.readonly === false && programFolders.find((folder) => overlap(typed.hostPath, folder));
    if (typeof system === "string")
      context.addIssue({
        code: "custom",
        path: ["hostPath"],
        message: `holds ${system} or is in it, where no container may write: mount it read-only, or another folder`,
      });
  });

export const mounts: z.ZodType<readonly Mount[]> = z
  .array(mount)
  .max(64, "has more than 64 mounts")
  .refine(
    (all) => new Set(all.map((one) => one.containerPath)).size === all.length,
    "has two mounts at one place in the container",
  );

/** The folders of this host that are nobody's to mount: absolute, without a / at the end. `homes` are those of other accounts. */
export type HostFolders = {
  readonly dataDir: string;
  readonly home: string;
  readonly homes?: readonly string[];
};

/** Why this host does not mount the folder, or null: it holds the data folder or a home, or is in the data folder. */
export const mountProblem = (hostPath: string, { dataDir, home, homes = [] }: HostFolders): string | null => {
  if (overlap(hostPath, dataDir)) return `holds ${dataDir} or is in it: the data of all groups`;
  const held = [home, ...homes].find((one) => isWithin(one, hostPath));
  return held === undefined ? null : `holds ${held}: mount a folder in it, not the whole home`;
};
