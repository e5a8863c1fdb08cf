import { expect, test } from "vitest";
import { explain } from "./explain.ts";

test.each([
  { path: "/srv/agents/ncl.sock", fix: /^Start one: gatehouse up --data \/srv\/agents / },
  { path: "/nope", fix: /^Name the host's socket \(ncl\.sock in its data folder\)/ },
  { path: "/srv/agents/other.sock", fix: /^Name the host's socket/ },
])("where no host answers on $path the fix starts one only where it would be found", ({ path, fix }) => {
  const failure = explain({ code: "no-host" }, path);
  expect(failure.message).toContain(path);
  expect(failure.fix).toMatch(fix);
});
