import * as z from "zod";
import { cliFacts } from "@gatehouse/provider-facts";
import type { Mount } from "../container-config.ts";
import { line } from "./texts.ts";

/** The folder of all mounts in a container. A path without a leading / is below it. */
export const mountRoot = "/workspace/extra";

/**
 * Names of folders with keys, and of key files: an agent that reads them can act as their owner. The name may
 * continue after a dot, dash or underscore (`.ssh-old`, `.env.d`); a name with more letters is another word
 * (`.environment`).
 */
const folderWithKeys =
  /^\.(?:ssh|gnupg|gpg|aws|azure|gcloud|kube|docker|password-store|netrc|npmrc|pypirc|git-credentials)(?![a-z0-9])/;

/** Names of key files, with any prefix: `prod.env`, `aws-credentials`, `deploy_private_key.pem`. */
const keyFile = /(?:\.env(?:rc)?|\.secrets?|credentials|private[_-]keys?|id_rsa|id_ed25519)(?![a-z0-9])/;

/** How names of Claude Code begin, with sign-in, trust and hooks, such as `.claude.json.backup.1763`. */
const ofClaude = ".claude";

const isSecret = (name: string): boolean =>
  folderWithKeys.test(name) || keyFile.test(name) || name.startsWith(ofClaude);

/** Folders with keys below a home, by their names. What holds one may not be mounted either, such as `.config`. */
const foldersWithKeys: readonly (readonly string[])[] = [
  ...[".config/gcloud", ".config/gh"],
  // The agents' own CLIs keep their sign-in and their trust here.
  ...Object.values(cliFacts).flatMap(({ homeFolders }) => homeFolders),
].map((folder) => folder.split("/"));

/** Folders that no agent needs. A socket in /run can control the whole machine. */
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

/**
 * Folders of the host's own programs and state. Reading them reveals little; writing them gives control of
 * the host.
 */
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

/** Folders of homes, on Linux and macOS; `/var/home` on Fedora's immutable systems. */
const homesFolders: readonly string[] = ["/home", "/Users", "/var/home"];

const folders = (path: string): readonly string[] => path.split("/").filter((name) => name !== "");

const isWithin = (path: string, folder: string): boolean =>
  path === folder || folder === "/" || path.startsWith(`${folder}/`);

/** True if one path holds the other, or they are the same. */
const overlap = (one: string, other: string): boolean => isWithin(one, other) || isWithin(other, one);

/** `..` leads out of a folder; `:` and `,` end a path in the options of container programs. */
const path = line(4_096)
  .refine((text) => !/(?:^|\/)\.\.?(?:\/|$)/.test(text), "has . or .. in it: write the folder's real path")
  .refine(
    (text) => !/[:,\\]/.test(text),
    "has one of : , \\ in it, which no container program takes in a path",
  )
  .transform((text) => withoutExtraSlashes(text));

const withoutExtraSlashes = (path: string): string => path.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");

/** The absolute path in the container. A path without a leading / is below `mountRoot`. */
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

/** The first name in a path that is reserved for keys. Some file systems ignore case. */
const secretIn = (names: readonly string[]): string | null => {
  const lower = names.map((name) => name.toLowerCase());
  const index = lower.findIndex((name, at) => isSecret(name) || foldersWithKeys.some(isAt(lower.slice(at))));
  return names[index] ?? null;
};

/** True for a folder that is the first of these names, holds it, or is in it. */
const isAt =
  (names: readonly string[]) =>
  (folder: readonly string[]): boolean =>
    folder.every((name, index) => index >= names.length || name === names[index]);

/**
 * Refuses a folder of homes, and a whole home, with or without an account. Folders in a home may be mounted.
 */
const homeAt = (path: string): string | null => {
  if (homesFolders.some((folder) => isWithin(folder, path))) return "holds homes: mount a folder in one";
  const isHome = path === "/root" || homesFolders.includes(path.slice(0, path.lastIndexOf("/")));
  return isHome ? "is a home: mount a folder in it, not the whole home" : null;
};

const containerPath = path
  .transform(placeInContainer)
  .refine((text) => text.startsWith(`${mountRoot}/`), `is not below ${mountRoot}`);

/** A mount, with the rules of every host. `mountProblem` has the rules of this host. */
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

/**
 * Folders of this host that may not be mounted: absolute, without a / at the end. `homes` are those of other
 * accounts.
 */
export type HostFolders = {
  readonly dataDir: string;
  readonly home: string;
  readonly homes?: readonly string[];
};

/**
 * The reason why this host does not mount the folder: it holds the data folder or a home, or is in the data
 * folder. Null if the folder may be mounted.
 */
export const mountProblem = (hostPath: string, { dataDir, home, homes = [] }: HostFolders): string | null => {
  if (overlap(hostPath, dataDir)) return `holds ${dataDir} or is in it: the data of all groups`;
  const held = [home, ...homes].find((one) => isWithin(one, hostPath));
  return held === undefined ? null : `holds ${held}: mount a folder in it, not the whole home`;
};
