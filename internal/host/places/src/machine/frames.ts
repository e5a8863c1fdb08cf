import { Buffer } from "node:buffer";
import * as z from "zod";
import { isFolderName } from "@gatehouse/session-rows/messages";
import type { ContainerLabel, Exit } from "@nc/container-runtime";
import { parseJson } from "@gatehouse/std";
import type { Workload } from "@gatehouse/workloads";

/** The version that a host and a machine speak. It rises when a frame is removed or changes its meaning. */
export const machineVersion = 1;

/** Most bytes of a frame: of a machine, and of its host, which sends the files of a workload. */
export const mostBytes: { readonly ofMachine: number; readonly ofHost: number } = {
  ofMachine: 2 ** 20,
  ofHost: 2 ** 27,
};

const runtimes = ["sandbox", "process"] as const;

/** What runs agents on a machine. */
export type MachineRuntime = (typeof runtimes)[number];

/** A workload that the machine runs. */
export type RunningThere = Pick<ContainerLabel, "sessionId" | "incarnation">;

export const keyOf = ({ sessionId, incarnation }: RunningThere): string => `${sessionId}/${incarnation}`;

/** A frame of a machine. The answer to a frame of its host has the same `id`. */
export type MachineFrame =
  /**
   * The first frame. The machine makes its token itself. With the code of an invitation it becomes the machine of a group; if
   * the line broke before it was told so, the same frame says it again.
   */
  | {
      readonly type: "hello";
      readonly version: number;
      readonly token: string;
      readonly code?: string | undefined;
      /** As the machine calls itself. */
      readonly name: string;
      readonly runtime: MachineRuntime;
      readonly running: readonly RunningThere[];
      /** The largest `since` of a welcome, or empty: the machine serves no host of an earlier one. */
      readonly since?: string | undefined;
    }
  | { readonly type: "started"; readonly id: number }
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "refused"; readonly id: number; readonly message: string }
  | ({ readonly type: "exited"; readonly exit: Exit } & RunningThere);

/**
 * Why a host ends a connection. After all but `restarting` and `later-host` the machine does not dial again. After `later-host`
 * it keeps its agents, which are those of the later host.
 */
export type MachineBye = (typeof byes)[number];

const byes = [
  "bad-frame",
  "later-host",
  "unknown-code",
  "unknown-token",
  "unknown-version",
  "replaced",
  "restarting",
] as const;

/** Files as JSON: the bytes of each in base64. */
export type SentFiles = {
  readonly whole: readonly string[];
  readonly entries: readonly (
    | { readonly kind: "file"; readonly path: string; readonly mode: number; readonly base64: string }
    | { readonly kind: "link"; readonly path: string; readonly target: string }
    | { readonly kind: "folder"; readonly path: string }
  )[];
};

/** A workload, without what only the host's own machine gives. */
export type SentWorkload = Omit<Workload, "files" | "here"> & { readonly files: SentFiles };

/** A frame of a host. */
export type HostFrame =
  /** `since`: when this host took the place of another one with the same certificate, ISO 8601 in UTC; empty if it never did. */
  | { readonly type: "welcome"; readonly group: string; readonly since: string }
  | { readonly type: "bye"; readonly code: MachineBye; readonly message: string }
  | { readonly type: "start"; readonly id: number; readonly workload: SentWorkload; readonly token: string }
  | ({ readonly type: "files"; readonly id: number; readonly files: SentFiles } & RunningThere)
  | ({ readonly type: "kill"; readonly graceMs: number } & RunningThere);

/** A frame of a host that a machine answers, without its id; and the answer. */
export type MachineQuestion =
  Extract<HostFrame, { readonly id: number }> extends infer One
    ? One extends { readonly id: number }
      ? Omit<One, "id">
      : never
    : never;
export type MachineAnswer = Extract<MachineFrame, { readonly id: number }>;

/** A connection that was welcomed. */
export type WelcomedLine = {
  readonly hello: Extract<MachineFrame, { readonly type: "hello" }>;
  readonly send: (frame: HostFrame) => void;
  /** Sends a frame with an id. Resolves with the answer; null if the connection ended before it. */
  readonly ask: (frame: MachineQuestion) => Promise<MachineAnswer | null>;
  readonly bye: (code: MachineBye, message: string) => void;
};

/** A name of one line, without control characters: it is shown in chats and terminals. */
const [id, name] = [
  z.int().min(0),
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{C}+$/u),
];
/** A machine names itself, in sentences of the host: with one word, as a host name has it, it can say nothing there. */
const machineName = z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{N}._-]{0,99}$/u);
const secret = z.string().min(1).max(200);
/** 192 bits in base64url: a machine cannot choose a short one. */
const ownToken = z.string().regex(/^[\w-]{32}$/);
/** Of a program that does not know of it, as if it were empty. */
const since = z.union([z.literal(""), z.iso.datetime({ precision: 3 })]);
const there = { sessionId: name, incarnation: z.int().min(1) };
const sentence = z.string().max(2_000);

/** The schema of a machine's frame. Unknown fields are dropped. */
export const machineFrame: z.ZodType<MachineFrame> = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    version: z.int(),
    token: ownToken,
    code: secret.optional(),
    name: machineName,
    runtime: z.enum(runtimes),
    running: z.array(z.object(there)).max(10_000),
    since: since.optional(),
  }),
  z.object({ type: z.literal("started"), id }),
  z.object({ type: z.literal("done"), id }),
  z.object({ type: z.literal("refused"), id, message: sentence }),
  z.object({
    type: z.literal("exited"),
    ...there,
    exit: z.object({
      code: z.int().nullable(),
      signal: z.string().max(20).nullable(),
      lastLines: z.array(z.string().max(10_000)).max(100),
    }),
  }),
]);

const path = z.string().min(1).max(1_024);
const files: z.ZodType<SentFiles> = z.object({
  whole: z.array(path),
  entries: z.array(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("file"), path, mode: z.int(), base64: z.string() }),
      z.object({ kind: z.literal("link"), path, target: path }),
      z.object({ kind: z.literal("folder"), path }),
    ]),
  ),
});

/** A host is trusted with what it starts; names become paths, so they are checked. */
const workload = z.object({
  label: z.object({
    install: z.string(),
    sessionId: z.string().regex(/^[\w-]+$/),
    groupId: z.string().refine(isFolderName),
    incarnation: z.int().min(1),
    token: z.int().min(0),
  }),
  folder: z.string().regex(/^(?!\.)[^/\0]+$/),
  provider: name,
  image: name.nullable(),
  limits: z.object({
    cpus: z.number().nullable(),
    memory_mb: z.number().nullable(),
    pids: z.number().nullable(),
    network: z.enum(["none", "gateway", "open"]).nullable(),
  }),
  containerJson: z.looseObject({}),
  instructed: z.looseObject({}),
  files,
  graceMs: z.int().min(0),
}) as unknown as z.ZodType<SentWorkload>;

/** The schema of a host's frame. Unknown fields are dropped. */
export const hostFrame: z.ZodType<HostFrame> = z.discriminatedUnion("type", [
  z.object({ type: z.literal("welcome"), group: z.string(), since: since.default("") }),
  z.object({
    type: z.literal("bye"),
    message: z.string(),
    code: z.enum(byes),
  }),
  z.object({ type: z.literal("start"), id, workload, token: secret }),
  z.object({ type: z.literal("files"), id, files, ...there }),
  z.object({ type: z.literal("kill"), graceMs: z.int().min(0), ...there }),
]);

/** Why a machine does not serve a host: a sentence for its terminal. The host says it too, if its program knows of `since`. */
export const replacedHost = (since: string): string =>
  `The host that answers was replaced: this machine serves the one that took its place at ${since}, and keeps its agents. If the replaced one is to go on, stop it, and start it once with gatehouse up --in-place-of`;

/** Parses a frame; null if the data is none. */
export const frameIn = <Frame>(data: Buffer, schema: z.ZodType<Frame>): Frame | null =>
  schema.safeParse(parseJson(data.toString("utf8"))).data ?? null;
