import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fail, ok, systemCode, type Environment, type Result } from "@gatehouse/std";
import { parse } from "yaml";
import * as z from "zod";
import { runPlugin, type Credentials } from "./exec-plugin.ts";

/** Why a cluster cannot be reached, or a request to it has no answer that can be used. */
export type KubeError = {
  readonly code: "kubeconfig-unusable" | "cluster-unreachable" | "cluster-refused";
  /** HTTP's status; null without an answer. */
  readonly status: number | null;
  /** The server's word for it, such as `AlreadyExists`; null without one. */
  readonly reason: string | null;
  /** A sentence. */
  readonly message: string;
  readonly fix?: string;
};

/** How the API server of a cluster is reached, and as whom. */
export type KubeAccess = {
  readonly server: URL;
  /** PEM. Without it the machine's authorities count. */
  readonly ca?: string | undefined;
  readonly servername?: string | undefined;
  /** True if the operator's file says that the server's certificate is not to be verified. */
  readonly isUnverified: boolean;
  /** Reads or makes what requests sign in with. Called anew when that has expired, or the server answers 401. */
  readonly signIn: (signal: AbortSignal) => Promise<Result<Credentials, KubeError>>;
  /** The namespace that the access names; null if it names none. */
  readonly namespace: string | null;
};

/** As kubectl takes it, an empty text is none. */
const optional = z
  .string()
  .optional()
  .transform((text) => (text === "" ? undefined : text));
const clusterSchema = z.object({
  server: z.url(),
  "certificate-authority": optional,
  "certificate-authority-data": optional,
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": optional,
  "proxy-url": optional,
  extensions: z.array(z.looseObject({ name: z.string() })).nullish(),
});
const group = "client.authentication.k8s.io";
/** https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#ExecConfig: without a mode it is `IfAvailable`. */
const execSchema = z.object({
  apiVersion: z.enum([`${group}/v1`, `${group}/v1beta1`]),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string().min(1), value: z.string().default("") })).nullish(),
  interactiveMode: z.enum(["Never", "IfAvailable", "Always"]).nullish(),
  provideClusterInfo: z.boolean().nullish(),
  installHint: z.string().nullish(),
});
const userSchema = z.object({
  token: optional,
  tokenFile: optional,
  "client-certificate": optional,
  "client-certificate-data": optional,
  "client-key": optional,
  "client-key-data": optional,
  username: optional,
  exec: execSchema.nullish(),
  "auth-provider": z.unknown().optional(),
});
const contextSchema = z.object({ cluster: z.string(), user: z.string(), namespace: optional });
const named = z.array(z.looseObject({ name: z.string() })).nullish();
/** Only the entries that the current context names are read further. */
const schema = z.object({
  "current-context": z.string().min(1),
  contexts: named,
  clusters: named,
  users: named,
});

/** The folder with the token of a Pod's service account. */
const inCluster = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Finds a cluster: that of `KUBECONFIG`, else of the service account of the Pod in which this runs, else of `~/.kube/config`. */
export const kubeAccess = async (env: Environment): Promise<Result<KubeAccess, KubeError>> => {
  const named = (env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  if (named.length === 0 && env["KUBERNETES_SERVICE_HOST"] !== undefined && existsSync(inCluster))
    return inClusterAccess(env);
  if (named.length > 1)
    return fail(
      wrong("KUBECONFIG names several files.", "name one; kubectl config view --flatten makes one"),
    );
  return kubeConfig(resolve(named[0] ?? join(env["HOME"] || homedir(), ".kube", "config")), env);
};

/** Reads a kubeconfig file, with its current context. A plug-in that it names gets this environment. */
export const kubeConfig = async (path: string, env: Environment): Promise<Result<KubeAccess, KubeError>> => {
  const text = await textOf(path);
  if (!text.ok) return text;
  const found = entriesIn(text.value);
  if (!found.ok)
    return fail(
      wrong(
        `${path} cannot be used: ${found.error}`,
        "kubectl config view shows it; kubectl config use-context NAME",
      ),
    );
  const { context, to, as } = found.value;
  const unsupported = [
    ...(["auth-provider", "username"] as const).filter((name) => as[name] !== undefined),
    ...(to["proxy-url"] === undefined ? [] : ["proxy-url"]),
  ];
  if (unsupported.length > 0)
    return fail(
      wrong(
        `${path} signs in by ${unsupported.join(", ")}, which is not supported.`,
        "use a token of a service account, or kubectl proxy and its address as the server: docs/kubernetes.md",
      ),
    );
  const near = (file: string): string => resolve(dirname(path), file);
  const parts = [
    [to["certificate-authority-data"], to["certificate-authority"]],
    [as["client-certificate-data"], as["client-certificate"]],
    [as["client-key-data"], as["client-key"]],
  ] as const;
  const read: (string | undefined)[] = [];
  for (const [data, file] of parts) {
    if (data !== undefined) read.push(Buffer.from(data, "base64").toString("utf8"));
    else if (file === undefined) read.push(undefined);
    else {
      const found = await textOf(near(file));
      if (!found.ok) return found;
      read.push(found.value);
    }
  }
  const [ca, cert, key] = read;
  const { token = null, tokenFile } = as;
  // As kubectl does, a token or a certificate of the file goes before its plug-in.
  const exec = token === null && tokenFile === undefined && cert === undefined ? as.exec : null;
  if (exec?.interactiveMode === "Always")
    return fail(
      wrong(
        `${path} signs in by ${exec.command}, which asks at a terminal (interactiveMode Always). A host has none.`,
        "let it sign in without a question, or use a token of a service account: docs/kubernetes.md",
      ),
    );
  const fixed: Credentials = { token, cert, key };
  const ofFile: KubeAccess["signIn"] =
    tokenFile === undefined ? async () => ok(fixed) : () => tokenIn(near(tokenFile), fixed);
  return ok({
    server: new URL(to.server),
    ca,
    servername: to["tls-server-name"],
    isUnverified: to["insecure-skip-tls-verify"] === true,
    signIn: exec == null ? ofFile : byPlugin({ path, env, exec, cluster: clusterInfo(to, ca) }),
    namespace: context.namespace ?? null,
  });
};

type PluginEntry = {
  readonly path: string;
  readonly env: Environment;
  readonly exec: z.infer<typeof execSchema>;
  readonly cluster: object;
};

const byPlugin = ({ path, env, exec, cluster }: PluginEntry): KubeAccess["signIn"] => {
  const plugin = {
    apiVersion: exec.apiVersion,
    command: exec.command,
    args: exec.args ?? [],
    env: { ...env, ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])) },
    folder: dirname(path),
    cluster: exec.provideClusterInfo === true ? cluster : null,
    installHint: exec.installHint ?? "",
  };
  return async (signal) => {
    const made = await runPlugin(plugin, signal);
    if (made.ok) return made;
    const { says, fix } = made.error;
    return fail(wrong(`${path} signs in by ${exec.command}, which ${says}.`, fix));
  };
};

/** A cluster as a plug-in gets it: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#Cluster */
const clusterInfo = (to: Entries["to"], ca: string | undefined): object => ({
  server: to.server,
  "tls-server-name": to["tls-server-name"],
  "insecure-skip-tls-verify": to["insecure-skip-tls-verify"],
  "certificate-authority-data": ca === undefined ? undefined : Buffer.from(ca).toString("base64"),
  config: to.extensions?.find(({ name }) => name === `${group}/exec`)?.["extension"],
});

const inClusterAccess = async (env: Environment): Promise<Result<KubeAccess, KubeError>> => {
  const [ca, namespace] = await Promise.all(
    ["ca.crt", "namespace"].map((name) => textOf(join(inCluster, name))),
  );
  if (ca?.ok !== true) return ca ?? fail(wrong("There is no service account.", "mount its token"));
  const host = env["KUBERNETES_SERVICE_HOST"] ?? "";
  const name = host.includes(":") ? `[${host}]` : host;
  return ok({
    server: new URL(`https://${name}:${env["KUBERNETES_SERVICE_PORT"] ?? "443"}`),
    ca: ca.value,
    isUnverified: false,
    signIn: () => tokenIn(join(inCluster, "token")),
    namespace: namespace?.ok === true ? namespace.value.trim() : null,
  });
};

/** Reads a token's file. A cluster renews it, so it counts as expired at once. */
const tokenIn = async (path: string, beside: object = {}): Promise<Result<Credentials, KubeError>> => {
  const text = await textOf(path);
  return text.ok ? ok({ ...beside, token: text.value.trim(), expiresAt: 0 }) : text;
};

const textOf = async (path: string): Promise<Result<string, KubeError>> => {
  try {
    return ok(await readFile(path, "utf8"));
  } catch (error) {
    return fail(wrong(`${path} cannot be read (${systemCode(error)}).`, "name a kubeconfig with KUBECONFIG"));
  }
};

type Entries = {
  readonly context: z.infer<typeof contextSchema>;
  readonly to: z.infer<typeof clusterSchema>;
  readonly as: z.infer<typeof userSchema>;
};

/** Finds what the current context names. The error is a sentence. */
const entriesIn = (text: string): Result<Entries, string> => {
  let data: unknown;
  try {
    data = parse(text);
  } catch (error) {
    // The lines after the first one show the file, which has secrets.
    return fail(`It is no YAML: ${error instanceof Error ? error.message.split("\n")[0] : "?"}`);
  }
  const config = schema.safeParse(data);
  if (!config.success) return fail("It is no kubeconfig with a current context.");
  const { contexts, clusters, users } = config.data;
  const current = config.data["current-context"];
  const context = entryIn(contexts, "context", current, contextSchema);
  if (!context.ok) return context;
  const to = entryIn(clusters, "cluster", context.value.cluster, clusterSchema);
  if (!to.ok) return to;
  const as = entryIn(users, "user", context.value.user, userSchema);
  return as.ok ? ok({ context: context.value, to: to.value, as: as.value }) : as;
};

const entryIn = <Entry>(
  list: z.infer<typeof named>,
  kind: "cluster" | "context" | "user",
  name: string,
  of: z.ZodType<Entry>,
): Result<Entry, string> => {
  const entry = list?.find((one) => one.name === name);
  if (entry === undefined) return fail(`It has no ${kind} "${name}".`);
  const read = of.safeParse(entry[kind]);
  if (read.success) return ok(read.data);
  const [issue] = read.error.issues;
  return fail(
    `Its ${kind} "${name}": ${[issue?.path.join("."), issue?.message].filter(Boolean).join(": ")}.`,
  );
};

const wrong = (message: string, fix: string): KubeError => ({
  code: "kubeconfig-unusable",
  status: null,
  reason: null,
  message,
  fix,
});
