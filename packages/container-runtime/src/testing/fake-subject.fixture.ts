import type { RuntimeError } from "../runtime-result.ts";
import { unlimited, type WorkloadSpec } from "../workload-spec.ts";
import { fakeRuntime } from "./fake-runtime.ts";
import type { RuntimeSubject } from "./contract-case.ts";

export const specOf: RuntimeSubject["spec"] = (program, label) => ({
  label: { install: "here", sessionId: "s", groupId: "g", incarnation: 1, token: 1, ...label },
  command: [program],
  env: {},
  folder: "/session",
  files: { folder: "/session", whole: [], entries: [] },
  account: null,
  graceMs: 2_000,
  ...unlimited,
  logFile: "/log",
});

const missing = ({ mounts }: WorkloadSpec): RuntimeError | null =>
  mounts.length === 0 ? null : { code: "mount-missing", message: "The folder does not exist." };

/** A machine whose containers have no processes. */
export const fakeSubject = (): RuntimeSubject => {
  const fake = fakeRuntime({
    beforeSpawn: missing,
    onSpawn: ({ spec, end }) => {
      if (spec.command[0] === "exits-3") end({ code: 3, lastLines: ["first", "last words"] });
    },
    onKill: ({ spec, end, files }, graceMs) => {
      if (spec.command[0] === "says-its-word") return end({ lastLines: [files().get("in/word") ?? ""] });
      const ignoresTerm = spec.command[0] === "ignores-sigterm";
      if (!ignoresTerm) end({ code: null, signal: "SIGTERM" });
      else if (graceMs < 1_000) end({ code: null, signal: "SIGKILL" });
    },
  });
  return {
    host: fake.anotherHost,
    otherInstall: "there",
    spec: specOf,
    isUp: () => Promise.resolve(),
    crash: async ({ reference }) =>
      fake.containers.find((one) => one.reference === reference)?.end({ code: null, signal: "SIGKILL" }),
  };
};
