import { expect, test } from "vitest";
import { unlimited } from "../../workload-spec.ts";
import { createBody, type CreateFacts } from "./create-body.ts";
import { ociRuntimeProblem } from "./start-container.ts";

const facts = (over: Partial<CreateFacts>): CreateFacts => ({
  spec: {
    ...unlimited,
    label: { install: "here", sessionId: "s-1", groupId: "g-1", incarnation: 1, token: 1 },
    image: "agents",
    network: "gateway",
    command: ["true"],
    env: {},
    folder: "/work",
    files: { folder: "/work", whole: [], entries: [] },
    account: null,
    graceMs: 1_000,
    logFile: "/log",
  },
  user: { uid: 1000, gid: 1000 },
  labels: {},
  mounts: [],
  inputFile: null,
  identities: [],
  cannot: {},
  isRootlessPodman: false,
  processes: 4_194_304,
  ociRuntime: null,
  ...over,
});

test.each([
  { what: "the named OCI runtime", over: { ociRuntime: "runsc" }, set: { Runtime: "runsc" } },
  {
    what: "the account's own number without root",
    over: { isRootlessPodman: true },
    set: { UsernsMode: "keep-id" },
  },
])("createBody sets $what, and keeps all hardening", ({ over, set }) => {
  const { HostConfig: other } = createBody(facts(over)) as { readonly HostConfig: object };
  const { HostConfig: usual } = createBody(facts({})) as { readonly HostConfig: object };
  expect(other).toEqual({ ...usual, ...set });
  for (const name of Object.keys(set)) expect(usual).not.toHaveProperty(name);
});

test("the error of a refused OCI runtime names it, with the engine's reason", () => {
  const refused = { code: "spawn-failed", message: "unknown or invalid runtime name: runsc" } as const;
  expect(ociRuntimeProblem(refused, "runsc")).toMatchObject({
    code: "unsupported",
    message: 'The engine cannot use the OCI runtime "runsc". unknown or invalid runtime name: runsc',
  });
});

test.each([
  { ociRuntime: null, message: "unknown or invalid runtime name: runsc" },
  { ociRuntime: "kata", message: "no space left on device" },
])("ociRuntimeProblem does not change another error: $message", ({ ociRuntime, message }) => {
  const error = { code: "spawn-failed", message } as const;
  expect(ociRuntimeProblem(error, ociRuntime)).toBe(error);
});
