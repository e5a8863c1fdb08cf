// @module-tag rest
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addUser } from "../add-user/add-user.ts";
import { inPairs, killPoints, noStrace, runChild } from "../add-user/killed-run.fixture.ts";
import {
  makeAccounts,
  makeRealHost,
  snapshot,
  whyNoRealHost,
  type Accounts,
  type RealHost,
} from "../add-user/real-host.fixture.ts";
import { thisMachine } from "../machine/this-machine.ts";
import { removeUser, type RemoveRequest } from "./remove-user.ts";

const why = whyNoRealHost;
const usersText = "# people\nusers:\n- telegram_id: 1 # first\n  name: Bob\n# end\n";

let accounts: Accounts;

beforeAll(() => {
  if (why === null) accounts = makeAccounts();
});
afterAll(() => {
  if (why === null) accounts.remove();
});

/** A host with Bob and Ada. Ada's history has a file. */
const hostWithAda = async (): Promise<RealHost> => {
  const host = makeRealHost(accounts, usersText);
  expect(await addUser(thisMachine, host)).toMatchObject({ ok: true });
  writeFileSync(join(host.folder, "users/history/7/today"), "hello");
  return host;
};

const removalOf = ({ places }: RealHost): RemoveRequest => ({
  places,
  who: { telegramId: 7 },
  folders: "archive",
});

/** Replaces the time in the archive's name, which differs in each run. */
const stateOf = (host: RealHost): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(snapshot(host.folder)).map(([name, state]) => [
      name.replace(/7-\d{8}T\d{6}Z/, "7-T"),
      state,
    ]),
  );

/** Runs a request that is refused. It has to finish or undo the killed run first: all or nothing is left. */
const expectEnded = async (host: RealHost, where: string, states: readonly unknown[]) => {
  const refused = await removeUser(thisMachine, { places: host.places, who: { telegramId: 99 } });
  expect(refused, where).toMatchObject({ ok: false, error: { refusals: [{ code: "unknown-user" }] } });
  expect(states, where).toContainEqual(stateOf(host));
};

const expectFinished = async (host: RealHost, where: string, finished: unknown) => {
  const again = await removeUser(thisMachine, removalOf(host));
  const isGone = !again.ok && again.error.code === "refused";
  expect(isGone || again.ok, where).toBe(true);
  expect(readFileSync(host.places.usersFile, "utf8"), where).toBe(usersText);
  expect(stateOf(host), where).toEqual(finished);
};

/** Calls that change a name, and how many of them one removal makes at least. */
const systemCalls = [
  { call: "rename", atLeast: 3 },
  { call: "unlink", atLeast: 2 },
  { call: "fchmod", atLeast: 2 },
] as const;

describe("removeUser finishes or undoes a removal that was killed", () => {
  const slow = { tags: ["slow"] };
  const soak = { tags: ["soak"] };

  const ends = async () => {
    const host = await hostWithAda();
    const untouched = stateOf(host);
    expect(await removeUser(thisMachine, removalOf(host))).toMatchObject({ value: { status: "removed" } });
    const finished = stateOf(host);
    host.remove();
    return { untouched, finished };
  };

  test("after every call that changes something", soak, async ({ skip }) => {
    if (why !== null) skip(why);
    const { untouched, finished } = await ends();
    const whole = await hostWithAda();
    const { calls } = JSON.parse((await runChild(removalOf(whole), 0)).stdout) as { calls: number };
    whole.remove();
    expect(calls).toBeGreaterThan(15);
    const ended = new Set<string>();
    await inPairs(killPoints(calls), async (killAfter) => {
      const host = await hostWithAda();
      expect((await runChild(removalOf(host), killAfter)).killed).toBe(true);
      const where = `killed after call ${killAfter} of ${calls}`;
      await expectEnded(host, where, [untouched, finished]);
      ended.add(JSON.stringify(stateOf(host)));
      await expectFinished(host, where, finished);
      host.remove();
    });
    expect(ended.size).toBe(2);
  });

  test.for([
    { where: "before it closed its journal", callsLeft: 2 },
    { where: "before it removed its journal", callsLeft: 1 },
  ])(
    "and reports that it finished the same removal, killed $where",
    slow,
    async ({ callsLeft }, { skip }) => {
      if (why !== null) skip(why);
      const host = await hostWithAda();
      const request = removalOf(host);
      const { calls } = JSON.parse((await runChild(request, 0)).stdout) as { calls: number };
      host.remove();
      const other = await hostWithAda();
      expect((await runChild(removalOf(other), calls - callsLeft)).killed).toBe(true);
      expect(await removeUser(thisMachine, removalOf(other))).toMatchObject({
        value: {
          status: "nothing-to-do",
          removes: { telegramId: 7, name: "Ada" },
          recovered: { outcome: "finished" },
        },
      });
      other.remove();
    },
  );

  test.for(systemCalls)("at every $call", soak, async ({ call, atLeast }, { skip }) => {
    const reason = why ?? noStrace();
    if (reason !== null) skip(reason);
    const { finished } = await ends();
    let killed = true;
    let when = 0;
    while (killed) {
      when += 1;
      const host = await hostWithAda();
      const inject = `inject=${call}:signal=SIGKILL:when=${when}`;
      const strace = ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject];
      killed = (await runChild(removalOf(host), 0, strace)).killed;
      await expectFinished(host, `killed at ${call} ${when}`, finished);
      host.remove();
    }
    expect(when).toBeGreaterThan(atLeast);
  });
});
