// @module-tag soak
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addUser } from "./add-user.ts";
import {
  makeAccounts,
  makeRealHost,
  snapshot,
  whyNoRealHost,
  type Accounts,
  type RealHost,
} from "./real-host.fixture.ts";
import { inPairs, killPoints, noStrace, runChild } from "./killed-run.fixture.ts";
import { thisMachine } from "../machine/this-machine.ts";

const why = whyNoRealHost;
const usersText = "# people\nusers:\n- telegram_id: 1 # first\n  name: Bob\n";
const requestOf = ({ places, answers }: RealHost) => ({ places, answers });

let accounts: Accounts;
let untouched: Readonly<Record<string, string>>;
let finished: Readonly<Record<string, string>>;

beforeAll(async () => {
  if (why !== null) return;
  accounts = makeAccounts();
  const host = makeRealHost(accounts, usersText);
  untouched = snapshot(host.folder);
  expect(await addUser(thisMachine, host)).toMatchObject({ ok: true, value: { status: "added" } });
  finished = snapshot(host.folder);
  host.remove();
});
afterAll(() => {
  if (why === null) accounts.remove();
});

/**
 * Expects the old or the new users.yaml. Then a run whose own request is refused has to finish or undo the
 * killed one: all or nothing is left.
 */
const expectEnded = async (host: RealHost, where: string) => {
  const users = readFileSync(host.places.usersFile, "utf8");
  expect([usersText, usersText + entryText(accounts)], where).toContain(users);
  const answers = { ...host.answers, telegram_id: 8, os_user: "nobody-of-that-name" };
  const refused = await addUser(thisMachine, { ...host, answers });
  expect(refused, where).toMatchObject({ ok: false, error: { code: "refused" } });
  expect([untouched, finished], where).toContainEqual(snapshot(host.folder));
};

const expectFinished = async (host: RealHost, where: string) => {
  expect(await addUser(thisMachine, host), where).toMatchObject({ ok: true });
  expect(snapshot(host.folder), where).toEqual(finished);
};

const entryText = ({ ada }: Accounts): string =>
  `- telegram_id: 7\n  name: Ada\n  role: user\n  os_user: ${ada}\n`;

/** Calls that change a name, an owner or a mode, and how many of them one run makes at least. */
const systemCalls = [
  { call: "rename", atLeast: 3 },
  { call: "unlink", atLeast: 1 },
  { call: "fchown", atLeast: 6 },
  { call: "fchmod", atLeast: 4 },
] as const;

describe("addUser finishes or undoes a run that was killed", () => {
  const slow = { tags: ["slow"] };

  test("after every call that changes something", slow, async ({ skip }) => {
    if (why !== null) skip(why);
    const whole = makeRealHost(accounts, usersText);
    const { calls } = JSON.parse((await runChild(requestOf(whole), 0)).stdout) as { calls: number };
    whole.remove();
    expect(calls).toBeGreaterThan(20);
    await inPairs(killPoints(calls), async (killAfter) => {
      const host = makeRealHost(accounts, usersText);
      expect((await runChild(requestOf(host), killAfter)).killed).toBe(true);
      const where = `killed after call ${killAfter} of ${calls}`;
      await expectEnded(host, where);
      await expectFinished(host, where);
      host.remove();
    });
  });

  test.for(systemCalls)("at every $call", slow, async ({ call, atLeast }, { skip }) => {
    const reason = why ?? noStrace();
    if (reason !== null) skip(reason);
    let killed = true;
    let when = 0;
    while (killed) {
      when += 1;
      const host = makeRealHost(accounts, usersText);
      const inject = `inject=${call}:signal=SIGKILL:when=${when}`;
      const strace = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject];
      killed = (await runChild(requestOf(host), 0, strace)).killed;
      await expectFinished(host, `killed at ${call} ${when}`);
      host.remove();
    }
    expect(when).toBeGreaterThan(atLeast);
  });
});
