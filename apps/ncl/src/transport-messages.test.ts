import { expect, test } from "vitest";
import { explain } from "./transport-messages.ts";

test.each([
  { path: "/srv/agents/ncl.sock", fix: /^Start one: gatehouse up --data \/srv\/agents / },
  { path: "/nope", fix: /^Name the host's socket \(ncl\.sock in its data folder\)/ },
  { path: "/srv/agents/other.sock", fix: /^Name the host's socket/ },
])("the fix for a missing host on $path starts a host only if it would make this socket", ({ path, fix }) => {
  const failure = explain({ code: "no-host" }, path);
  expect(failure.message).toContain(path);
  expect(failure.fix).toMatch(fix);
});
