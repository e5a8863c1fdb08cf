import { z } from "zod";
import type { Mount } from "./container-config.ts";
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
];

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
  .transform((text) => text.replace(/\/+/g, "/").replace(/(.)\/$/, "$1"));

const hostPath = path.superRefine((text, context) => {
  if (!text.startsWith("/")) return context.addIssue("is not absolute: start with /");
  const system = systemFolders.find((folder) => overlap(text, folder));
  if (system !== undefined)
    return context.addIssue(`holds ${system} or is in it, which no container may see`);
  const secret = folders(text).find((name) => secretNames.includes(name.toLowerCase()));
  if (secret !== undefined) context.addIssue(`leads through ${secret}: keys are no part of a container`);
});

const containerPath = path
  .transform((text) => (text.startsWith("/") ? text : `${mountRoot}/${text}`))
  .refine((text) => text.startsWith(`${mountRoot}/`), `is not below ${mountRoot}`);

/** A mount that no host allows to lead to keys or into the system; `mountProblem` knows the rest of a host. */
export const mount: z.ZodType<Mount> = z.strictObject({
  hostPath,
  containerPath,
  readonly: z.exactOptional(z.boolean()),
});

export const mounts: z.ZodType<readonly Mount[]> = z
  .array(mount)
  .max(64, "has more than 64 mounts")
  .refine(
    (all) => new Set(all.map((one) => one.containerPath)).size === all.length,
    "has two mounts at one place in the container",
  );

/** The folders of this host that are nobody's to mount: absolute, without a / at the end. */
export type HostFolders = { readonly dataDir: string; readonly home: string };

/** Why this host does not mount the folder, or null: it holds the data folder or a home, or is in the data folder. */
export const mountProblem = (hostPath: string, { dataDir, home }: HostFolders): string | null => {
  if (overlap(hostPath, dataDir)) return `holds ${dataDir} or is in it: the data of all groups`;
  if (isWithin(home, hostPath)) return `holds ${home}: mount a folder in it, not the whole home`;
  return null;
};
