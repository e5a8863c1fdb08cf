import { expect, test } from "vitest";
import { defaultFlags } from "../flags.ts";
import { trustScope, type LaunchEntry } from "./trust-scope.ts";

test.each<{ what: string; entry?: LaunchEntry; of: string; preflight?: boolean; why: string | null }>([
  { what: "a launch of a Claude team", of: "claude", why: null },
  { what: "a Codex-only team", of: "codex codex", why: null },
  { what: "a mixed team with an OpenCode side lane", of: "claude opencode", why: null },
  { what: "an OpenCode lead with a Claude member", of: "opencode claude", why: null },
  { what: "a pure OpenCode team", of: "opencode opencode", why: "opencode-only" },
  { what: "a direct restart of one member", entry: "restart", of: "claude", why: "direct-restart" },
  { what: "a launch with preflight off", of: "claude", preflight: false, why: "preflight-off" },
  { what: "a launch without members", of: "", why: "no-members" },
])("$what: not prepared because $why", ({ entry = "launch", of, preflight = true, why }) => {
  const members = of
    .split(" ")
    .filter(Boolean)
    .map((provider) => ({ provider }));
  const scope = trustScope(entry, members, { ...defaultFlags, preflight });
  expect(scope.isPrepared ? null : scope.why).toBe(why);
});
