import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import process from "node:process";
import { createSecureContext } from "node:tls";
import { fail, ok, oneLine, parseJson, systemCode, type Environment, type Result } from "@gatehouse/std";
import * as z from "zod";

/** What a request signs in with: a token, a certificate with its key (PEM), both, or nothing. */
export type Credentials = {
  readonly token: string | null;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** When they expire, ms since 1970. Without it they serve until the API server answers 401. */
  readonly expiresAt?: number;
};

/** A credential plug-in of a kubeconfig. */
export type ExecPlugin = {
  /** `client.authentication.k8s.io/v1` or `v1beta1`: what it prints must have it too. */
  readonly apiVersion: string;
  /** As the kubeconfig writes it. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Environment;
  /** The folder of the kubeconfig. */
  readonly folder: string;
  /** `spec.cluster` for a plug-in that asks for it; null for another one. */
  readonly cluster: object | null;
  /** Shown if the program is not there; empty without one. */
  readonly installHint: string;
};

/** Why a plug-in gave no credentials. `says` follows "which", without a period. */
type PluginTrouble = { readonly says: string; readonly fix: string };

/** Time in which a plug-in has to end, ms. */
const longestMs = 30_000;

/** Most characters of its stdout, and the last ones of its stderr that are kept. */
const [mostOutput, mostSaid] = [2 ** 20, 500];

/**
 * Runs a credential plug-in, without a shell and without a terminal, and reads the credentials that it prints. The trouble
 * quotes the end of its stderr and nothing of its stdout, which may have a token. The protocol is that of
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins: a command with a
 * slash is relative to the kubeconfig, another one is looked up in PATH, and the version that it prints must be that of its
 * entry.
 */
export const runPlugin = async (
  { apiVersion, command, args, env, folder, cluster, installHint }: ExecPlugin,
  signal: AbortSignal,
  withinMs: number = longestMs,
): Promise<Result<Credentials, PluginTrouble>> => {
  const spec = { interactive: false, ...(cluster === null ? {} : { cluster }) };
  const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec });
  const program = command.includes("/") ? resolve(folder, command) : command;
  const ended = await runToEnd({
    program,
    args,
    env: { ...env, KUBERNETES_EXEC_INFO: info },
    signal,
    withinMs,
  });
  if (ended.ok) return credentialsIn(ended.value, apiVersion);
  const { says, isMissing } = ended.error;
  const hint = oneLine(installHint, mostSaid).replace(/\.$/, "") || `install ${command}, or add it to PATH`;
  return fail({ says, fix: isMissing ? hint : "sign in with it at a terminal: kubectl version runs it too" });
};

type Run = {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly withinMs: number;
};

/** Why a program failed: `says` follows "which". */
type Failed = { readonly says: string; readonly isMissing: boolean };

/** Runs a program to its end, and returns its stdout. */
const runToEnd = ({ program, args, env, signal, withinMs }: Run): Promise<Result<string, Failed>> =>
  new Promise((resolve) => {
    let [stdout, stderr] = ["", ""];
    const settle = (result: Result<string, Failed>): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      resolve(result);
    };
    const failed = (says: string, isMissing = false): void => {
      const said = oneLine(stderr).replace(/\.$/, "");
      settle(fail({ says: said === "" ? says : `${says}: ${said}`, isMissing }));
    };
    const stop = (says: string): void => {
      endGroup(child);
      // A process that left the group may hold the pipes for ever.
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      failed(says);
    };
    // In a session of its own it finds no terminal at which it could ask, and all its processes end with it.
    const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => stop(`did not end within ${withinMs / 1000} s`), withinMs);
    const aborted = (): void => stop("was stopped");
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.length > mostOutput) stop("printed too much");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-mostSaid);
    });
    child.on("error", (error) => {
      const code = systemCode(error);
      failed(code === "ENOENT" ? "is not there" : `cannot be run (${code})`, code === "ENOENT");
    });
    child.on("close", (code, by) => {
      if (code === 0) settle(ok(stdout));
      else failed(by === null ? `ended with code ${code}` : `was ended by ${by}`);
    });
  });

/** Once the program itself has ended, its number may belong to another group. */
const endGroup = ({ pid, exitCode, signalCode }: ChildProcess): void => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  process.kill(-pid, "SIGKILL");
};

/** As for kubectl, an empty text is none. */
const optional = (pattern: RegExp) =>
  z
    .string()
    .regex(pattern)
    .nullish()
    .transform((text) => text || undefined);
const statusSchema = z.object({
  // Other characters would end the header that carries it.
  token: optional(/^[\x21-\x7e]*$/),
  clientCertificateData: optional(/^/),
  clientKeyData: optional(/^/),
  expirationTimestamp: z.iso.datetime({ offset: true }).nullish(),
});

const strange = (says: string): Result<never, PluginTrouble> =>
  fail({ says, fix: "run it as the kubeconfig does, and look at what it prints" });

/** Reads what a plug-in printed. */
const credentialsIn = (stdout: string, apiVersion: string): Result<Credentials, PluginTrouble> => {
  const read = z
    .object({ apiVersion: z.literal(apiVersion), kind: z.literal("ExecCredential"), status: statusSchema })
    .safeParse(parseJson(stdout));
  if (!read.success) {
    const at = read.error.issues[0]?.path.join(".") ?? "";
    return strange(`printed no ExecCredential of ${apiVersion}${at === "" ? "" : ` (${at})`}`);
  }
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = read.data.status;
  if ((cert === undefined) !== (key === undefined))
    return strange("printed a certificate without its key, or a key alone");
  if (token === undefined && cert === undefined) return strange("printed neither a token nor a certificate");
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    return strange(`printed a certificate and a key that cannot be used (${systemCode(error)})`);
  }
  const expiry = expirationTimestamp == null ? {} : { expiresAt: Date.parse(expirationTimestamp) };
  return ok({ token: token ?? null, cert, key, ...expiry });
};
