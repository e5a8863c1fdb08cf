// @module-tag rest
import { lstatSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { describe, expect, test, type TestContext } from "vitest";
import { onlyFirstSteps, spawnHost } from "../up/host.fixture.ts";
import { leaveJournal, makeAccount, makeDataFolder, treeOf, whyNotForReal } from "./accounts.fixture.ts";
import { openTerminal, type UserTerminal } from "./terminal.fixture.ts";

const slow = { tags: ["slow"] };

/** Matches the open question: clack draws a filled diamond before it, or a triangle while it refuses the answer. */
const open = (label: string): RegExp => new RegExp(`[◆▲]  ${label}`);

const down = "\x1b[B";
const enter = "\r";

const prepared = ({ skip }: TestContext) => {
  if (whyNotForReal !== null) skip(whyNotForReal);
  const service = makeAccount();
  const person = makeAccount();
  return { person, service, data: makeDataFolder(service) };
};

/** Answers all questions before the review; the name is Ana. */
const answerAll = async (terminal: UserTerminal, osUser: string): Promise<void> => {
  await terminal.answers(open("Telegram id"), `5${enter}`);
  await terminal.answers(open("Name"), `Ana${enter}`);
  await terminal.answers(open("Role, for Ana"), enter);
  await terminal.answers(open("OS account the agent runs as, for Ana"), `${osUser}${enter}`);
  await terminal.answers(open("More settings\\?"), enter);
};

describe("gatehouse users add, at a terminal", () => {
  test(
    "asks, shows the plan, carries it out, and reloads the users of the running host",
    slow,
    async (context) => {
      const { person, service, data } = prepared(context);
      const host = spawnHost(data);
      await host.ready();
      const terminal = await openTerminal(["users", "add", "--data", data]);
      await terminal.answers(open("Telegram id"), `five${enter}`);
      await terminal.sees("telegram_id must be a whole number above 0; five is not");
      terminal.type(`\x15`);
      await answerAll(terminal, person.name);
      await terminal.sees("The new entry");
      await terminal.sees(`os_user: ${person.name}`);
      await terminal.sees(/\+ {2}- telegram_id: 5/);
      await terminal.answers(open("Do this\\?"), enter);
      await terminal.answers(open(`Tell the running host \\(pid ${host.child.pid}\\)`), enter);
      await terminal.sees("Added Ana (telegram:5).");
      await terminal.sees("applied: added telegram:5 (Ana)");
      expect(terminal.screen()).not.toContain("Warning");
      expect(await terminal.ended).toMatchObject({ exitCode: 0 });
      expect(readFileSync(join(data, "users.yaml"), "utf8")).toBe(
        `users:\n  - telegram_id: 5\n    name: Ana\n    role: user\n    os_user: ${person.name}\n`,
      );
      for (const folder of ["memory/5", "history/5"]) {
        const { mode, uid } = lstatSync(join(data, "users", folder));
        expect({ folder, mode: mode & 0o777, uid }).toEqual({ folder, mode: 0o700, uid: person.uid });
      }
      expect(lstatSync(join(data, "users.yaml")).uid).toBe(service.uid);
      expect(host.child.exitCode).toBeNull();
    },
  );

  test(
    "asks about GitHub's routing if there are repositories, and shows inherited values",
    slow,
    async (context) => {
      const { person, data } = prepared(context);
      const terminal = await openTerminal([
        "users",
        "add",
        "--data",
        data,
        "--dry-run",
        "--telegram-id",
        "5",
        "--name",
        "Ana",
        "--os-user",
        person.name,
        "--role",
        "user",
      ]);
      await terminal.answers(open("More settings\\?"), "y");
      await terminal.answers(open("GitHub login \\[not used yet\\], for Ana"), `ana${enter}`);
      await terminal.sees("Enter: not set");
      await terminal.answers(open("Folder"), enter);
      await terminal.answers(open("Model"), enter);
      await terminal.answers(open("Agent backend"), `${down}${enter}`);
      await terminal.answers(open("Budget"), enter);
      await terminal.answers(open("GitHub repositories"), `a/b,c${enter}`);
      await terminal.sees("github_repos must be a list of owner/repo");
      terminal.type(`/d${enter}`);
      await terminal.sees("their own chat is 5");
      await terminal.answers(open("Telegram chat for GitHub notices"), enter);
      await terminal.answers(open("Review pull requests"), `${down}${enter}`);
      await terminal.answers(open("Triage issues"), enter);
      await terminal.sees("Nothing was changed");
      expect(await terminal.ended).toMatchObject({ exitCode: 0 });
    },
  );

  const ways = [
    { what: "Ctrl-C at the first question", at: "first", keys: "\x03", exitCode: 130 },
    { what: "Escape at the first question", at: "first", keys: "\x1b", exitCode: 130 },
    { what: "Ctrl-C at the review", at: "review", keys: "\x03", exitCode: 130 },
    { what: '"no" at the review', at: "review", keys: "n", exitCode: 1 },
  ];
  test.for(ways)(
    "exits with $exitCode on $what, and changes no file",
    slow,
    async ({ at, keys, exitCode }, context) => {
      const { person, data } = prepared(context);
      const before = treeOf(dirname(data));
      const terminal = await openTerminal(["users", "add", "--data", data]);
      if (at === "review") await answerAll(terminal, person.name);
      await terminal.answers(open(at === "review" ? "Do this" : "Telegram id"), keys);
      await terminal.sees("nothing was changed");
      expect(await terminal.ended).toMatchObject({ exitCode });
      expect(treeOf(dirname(data))).toEqual(before);
    },
  );

  test(
    "reports an interrupted earlier run, and does not repair it if the person cancels",
    slow,
    async (context) => {
      const { data } = prepared(context);
      await leaveJournal(join(data, "users.yaml"), [{ record: "undo" }]);
      const before = treeOf(dirname(data));
      const terminal = await openTerminal(["users", "add", "--data", data]);
      await terminal.sees("An earlier run was interrupted.");
      await terminal.answers(open("Telegram id"), "\x03");
      expect(await terminal.ended).toMatchObject({ exitCode: 130 });
      expect(treeOf(dirname(data))).toEqual(before);
    },
  );

  test("exits with 143 on SIGTERM at a question", slow, async (context) => {
    const { data } = prepared(context);
    const terminal = await openTerminal(["users", "add", "--data", data]);
    await terminal.sees(open("Telegram id"));
    process.kill(terminal.pid, "SIGTERM");
    await terminal.sees("nothing was changed");
    expect(await terminal.ended).toMatchObject({ exitCode: 143 });
  });

  test(
    "does not signal the host if the person says no, and prints the command that restarts it",
    slow,
    async (context) => {
      const { person, data } = prepared(context);
      const host = spawnHost(data);
      await host.ready();
      const flags = [
        "--telegram-id",
        "5",
        "--name",
        "Ana",
        "--os-user",
        person.name,
        "--service-label",
        "agents",
      ];
      const terminal = await openTerminal(["users", "add", "--data", data, ...flags]);
      await terminal.answers(open("Role"), enter);
      await terminal.answers(open("More settings\\?"), enter);
      await terminal.answers(open("Do this"), "y");
      await terminal.answers(open("Tell the running host"), "n");
      await terminal.sees("sudo systemctl restart agents");
      expect(await terminal.ended).toMatchObject({ exitCode: 0 });
      host.child.kill("SIGTERM");
      expect((await host.ended).stderr).toEqual(onlyFirstSteps);
    },
  );

  test("refuses a missing account in a flag before the first question", slow, async (context) => {
    const { data } = prepared(context);
    const terminal = await openTerminal(["users", "add", "--data", data, "--os-user", "nobody-here"]);
    await terminal.sees("There is no account nobody-here on this machine");
    expect(await terminal.ended).toMatchObject({ exitCode: 1 });
    expect(terminal.screen()).not.toContain("Telegram id");
  });

  test(
    "refuses a missing account at its question, so that the person can correct it",
    slow,
    async (context) => {
      const { service, data } = prepared(context);
      const terminal = await openTerminal([
        "users",
        "add",
        "--data",
        data,
        "--telegram-id",
        "5",
        "--name",
        "Ana",
        "--role",
        "user",
      ]);
      await terminal.answers(open("OS account"), `nobody-here${enter}`);
      await terminal.sees("There is no account nobody-here on this machine");
      terminal.type(`\x15${service.name}${enter}`);
      await terminal.sees(`${service.name} is the account of the service`);
      terminal.type("\x03");
      expect(await terminal.ended).toMatchObject({ exitCode: 130 });
    },
  );

  test("names the person who has an id already, and takes another id", slow, async (context) => {
    const { person, data } = prepared(context);
    const first = await openTerminal([
      "users",
      "add",
      "--data",
      data,
      "--telegram-id",
      "5",
      "--name",
      "Ana",
      "--os-user",
      person.name,
      "--model",
      "opus",
      "--yes",
    ]);
    await first.sees("Added Ana");
    await first.ended;
    const terminal = await openTerminal(["users", "add", "--data", data]);
    await terminal.answers(open("Telegram id"), `5${enter}`);
    await terminal.answers(open("5 is Ana's already"), enter);
    await terminal.answers(open("Telegram id"), `5${enter}`);
    await terminal.answers(open("5 is Ana's already"), "y");
    await terminal.answers(open("Name"), enter);
    await terminal.answers(open("Role"), enter);
    await terminal.answers(open("OS account"), enter);
    await terminal.answers(open("More settings\\?"), enter);
    await terminal.sees("Ana (telegram:5) exists already: nothing was done");
    expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  });
});
