// @module-tag rest
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { exitOf, valueOf } from "../../testing/contract-case.ts";
import { engineRelay } from "../engine/engine-relay.fixture.ts";
import { engineSubject, testEngines } from "../engine/engine-subject.fixture.ts";
import { holdMounts } from "./hold-mounts.ts";

/** Two folders, `right` and `wrong`, and a link to their parent. */
const folders = () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "hold-mounts-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const parent = join(root, "parent");
  for (const name of ["right", "wrong"]) {
    mkdirSync(join(parent, name), { recursive: true, mode: 0o755 });
    writeFileSync(join(parent, name, "word"), `${name}\n`, { mode: 0o644 });
  }
  symlinkSync(parent, join(root, "link"));
  symlinkSync(join(parent, "right"), join(parent, "to-right"));
  return { root, parent, right: join(parent, "right") };
};

test.for([
  { what: "a folder", source: "parent/right", isReal: true, problem: null },
  { what: "a file", source: "parent/right/word", isReal: true, problem: null },
  { what: "a missing path", source: "parent/gone", isReal: true, problem: /gone does not exist/ },
  { what: "a link", source: "parent/to-right", isReal: false, problem: /to-right does not exist/ },
  {
    what: "an isReal path through a link",
    source: "link/right",
    isReal: true,
    problem: /its real path is .*parent\/right\./,
  },
  { what: "a path through a link", source: "link/right", isReal: false, problem: null },
])("holdMounts of $what returns the problem $problem", async ({ source, isReal, problem }) => {
  const { root } = folders();
  const held = await holdMounts([{ source: join(root, source), target: "/data", isReadOnly: true, isReal }]);
  if (held.ok) await held.value.release();
  expect(held.ok ? null : held.error.message).toEqual(
    problem === null ? null : expect.stringMatching(problem),
  );
});

describe.each(testEngines)("on $name", (engine) => {
  test("no program runs with a mounted folder that was exchanged after its check", async ({ skip }) => {
    const variable = `GATEHOUSE_TEST_${engine.name.toUpperCase()}`;
    skip(engine.socketPath === undefined, `${variable} names no socket of ${engine.name}`);
    const { parent, right } = folders();
    let isExchanged = false;
    const relay = await engineRelay(engine.socketPath ?? "", (text) => {
      // An engine without CAP_SYS_RESOURCE refuses the first container, and gets a second one.
      if (!text.startsWith("POST") || !text.includes("/containers/create") || isExchanged) return;
      isExchanged = true;
      renameSync(right, join(parent, "moved"));
      symlinkSync(join(parent, "wrong"), right);
    });
    const { host, sh } = engineSubject({ ...engine, socketPath: relay.path });
    const mounts = [{ source: right, target: "/data", isReadOnly: true, isReal: true }];
    const spec = sh("cat /data/word >&2", { mounts, input: "a secret" });
    expect(await exitOf(valueOf(await host().spawn(spec)))).toMatchObject({
      code: 126,
      lastLines: ["gatehouse: the folder at /data was exchanged before the start"],
    });
  });
});
