import type { Grant } from "./grants.ts";
import { codes, type Launch } from "./verdict.ts";
import {
  reportVersion,
  type Diagnostic,
  type DiagnosticCode,
  type PreflightReport,
  type PreflightResult,
  type Timings,
  type FolderStatus,
  type StatusReport,
} from "./report.ts";
import { providers, vias } from "./request.ts";
import type { PreflightEvent, PreflightProgress } from "./watch.ts";

/** A JSON Schema: keywords and their values. */
type Schema = { readonly [keyword: string]: unknown };

/** The schema of a field that may be missing. */
type Optional = { readonly optional: Schema };

/** One schema for each field of `T`. The compiler refuses a missing, a strange, or a wrongly optional field. */
type Fields<T> = { readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional : Schema };

const optional = (schema: Schema): Optional => ({ optional: schema });

/** An object with these fields and no others. */
const objectOf = <T>(fields: Fields<T>, more: Schema = {}): Schema => {
  const entries = Object.entries(fields as { readonly [name: string]: Schema | Optional });
  const isOptional = (schema: Schema | Optional): schema is Optional => "optional" in schema;
  return {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name, isOptional(schema) ? schema.optional : schema]),
    ),
    required: entries.flatMap(([name, schema]) => (isOptional(schema) ? [] : [name])),
    additionalProperties: false,
    ...more,
  };
};

/** One of these names: all of a union, as the compiler checks. */
const oneOfNames = <Name extends string>(names: { readonly [N in Name]: true }): Schema => ({
  enum: Object.keys(names),
});

const text: Schema = { type: "string" };
const count: Schema = { type: "integer", minimum: 0 };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const listOf = (items: Schema): Schema => ({ type: "array", items });
const mapOf = (values: Schema): Schema => ({ type: "object", additionalProperties: values });
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

type EventOf<Type> = Extract<PreflightEvent, { readonly type: Type }>;

const version: Schema = { const: reportVersion };

/** Each code belongs to one status. */
const codesByStatus: readonly Schema[] = [...new Set(Object.values(codes).map(({ status }) => status))].map(
  (status) => {
    const own = Object.entries(codes).filter(([, code]) => code.status === status);
    return { properties: { status: { const: status }, code: { enum: own.map(([code]) => code) } } };
  },
);

const result = objectOf<PreflightResult>(
  {
    workspace: text,
    provider: ref("provider"),
    cliVersion: orNull(text),
    status: text,
    code: text,
    message: text,
    fix: optional(text),
    trustKey: orNull(text),
    via: { enum: vias },
    unplannedKeys: optional(listOf(text)),
    grants: orNull(listOf(ref("grant"))),
    launch: optional(ref("launch")),
    dialog: optional(text),
    consent: optional(text),
    dialogs: optional(listOf(text)),
    keys: optional(count),
    screen: optional(text),
    diagnostics: optional(listOf(ref("diagnostic"))),
    durationMs: count,
    timings: ref("timings"),
    recording: optional(text),
  },
  { anyOf: codesByStatus },
);

const folderStatus = objectOf<FolderStatus>({
  workspace: text,
  provider: ref("provider"),
  state: oneOfNames<FolderStatus["state"]>({ trusted: true, untrusted: true, unknown: true }),
  code: text,
  key: orNull(text),
  file: orNull(text),
  why: text,
  grants: orNull(listOf(ref("grant"))),
});

const grant = objectOf<Grant>({
  kind: oneOfNames<Grant["kind"]>({
    permission: true,
    directory: true,
    hook: true,
    "mcp-server": true,
    env: true,
    helper: true,
    "default-mode": true,
    plugin: true,
    unreadable: true,
    setting: true,
  }),
  name: text,
  file: text,
});

const diagnostic = objectOf<Diagnostic>({
  code: oneOfNames<DiagnosticCode>({
    "stale-cli-lock": true,
    repeated: true,
    "recording-failed": true,
    "nearly-known-dialog": true,
    "ledger-incomplete": true,
    "lock-unavailable": true,
    "launch-too-large": true,
    "unplanned-key": true,
    "keys-unread": true,
    "cwd-unknown": true,
    unguarded: true,
    "control-not-used": true,
    "question-failed": true,
  }),
  message: text,
});

const step = objectOf<EventOf<"step">>({
  version,
  type: { const: "step" },
  workspace: text,
  provider: ref("provider"),
  step: oneOfNames<PreflightProgress["step"]>({
    starting: true,
    asked: true,
    waiting: true,
    confirming: true,
    settling: true,
    repeating: true,
    done: true,
  }),
  text,
});

/** The JSON Schema of the reports and the events. The test in `src/node` writes `schema.json` from it. */
export const reportSchema: Schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "@trust/preflight: a report (preflight --json), an event, or a status (status --json)",
  anyOf: [ref("report"), ref("event"), ref("status")],
  $defs: {
    report: objectOf<PreflightReport>({
      version,
      ok: { type: "boolean" },
      results: listOf(ref("result")),
      launch: optional({
        ...mapOf(ref("launch")),
        propertyNames: ref("provider"),
      }),
    }),
    status: objectOf<StatusReport>({
      version,
      ok: { type: "boolean" },
      results: listOf(ref("folderStatus")),
    }),
    event: { anyOf: [ref("step"), ref("resultEvent")] },
    step,
    resultEvent: objectOf<EventOf<"result">>({
      version,
      type: { const: "result" },
      result: ref("result"),
    }),
    result,
    folderStatus,
    provider: { enum: providers },
    grant,
    launch: objectOf<Launch>({
      settings: { type: ["object", "null"] },
      args: listOf(text),
      env: mapOf(text),
    }),
    diagnostic,
    timings: objectOf<Timings>({
      lockWaitMs: count,
      spawnToDialogMs: count,
      decideMs: count,
      commitMs: count,
      settleMs: count,
    }),
  },
};
