import { runProgram, type CliDefinition } from "@gatehouse/cli-kit";
import { expect, test } from "vitest";
import { addUsersCommands } from "./users-cli.ts";

const program: CliDefinition = {
  name: "gatehouse",
  description: "",
  help: "",
  add: (command, io, done) => addUsersCommands(command.command("users"), io, done),
};

/** Runs `gatehouse users add` with these flags, and without a terminal. */
const usersAdd = async (args: readonly string[], env: Readonly<Record<string, string>>) => {
  let [stdout, stderr] = ["", ""];
  const io = {
    env: { HOME: "/nonexistent", ...env },
    cwd: "/",
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
  };
  const code = await runProgram(program, ["users", "add", ...args], "1.2.3", io);
  return { code, stdout, stderr };
};

type Misuse = {
  readonly what: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly message: string;
};

const misuses: readonly Misuse[] = [
  {
    what: "all answers missing",
    args: ["--data", "/nonexistent"],
    message: "Missing: --telegram-id or --slack or --discord, --name, --os-user, --yes.",
  },
  {
    what: "some answers missing",
    args: ["--data", "/nonexistent", "--name", "Ana", "--yes"],
    message: "Missing: --telegram-id or --slack or --discord, --os-user.",
  },
  {
    what: "some answers missing for a dry run",
    args: ["--data", "/nonexistent", "--name", "Ana", "--dry-run"],
    message: "Missing: --telegram-id or --slack or --discord, --os-user.",
  },
  {
    what: "an empty name",
    args: ["--data", "/nonexistent", "--name", "", "--telegram-id", "5", "--os-user", "ana", "--yes"],
    message: "Missing: --name.",
  },
  {
    what: "unknown flags",
    args: "--data /x --nmae Ana --os-usr=ana --telegram-id 5 --name Ana --os-user ana --yes".split(" "),
    message: "No flag of this command: --nmae, --os-usr=ana.",
  },
  {
    what: "a word that is not a flag",
    args: "--data /x Ana --telegram-id 5 --name Ana --os-user ana --yes".split(" "),
    message: "Answers are given as flags, not as: Ana.",
  },
  {
    what: "an unknown value of --reload",
    args: ["--reload", "maybe"],
    message: "option '--reload <how>' argument 'maybe' is invalid. Allowed choices are ask, yes, no.",
  },
  {
    what: "a service with a space",
    args: ["--service-label", "a b"],
    message:
      "option '--service-label <name>' argument 'a b' is invalid. It is a label of launchd or a unit of systemd.",
  },
  {
    what: "an empty folder",
    args: ["--data-dir", ""],
    message: "option '--data-dir <dir>' argument '' is invalid. The path is empty.",
  },
  {
    what: "no data folder under sudo",
    args: "--telegram-id 5 --name Ana --os-user ana --yes".split(" "),
    env: { SUDO_USER: "operator" },
    message: "Missing: --data.",
  },
];

test.for(misuses)(
  "users add refuses $what as a usage error, with exactly those in the message",
  async ({ args, env = {}, message }) => {
    const { code, stdout } = await usersAdd([...args, "--json"], env);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "usage", message } });
    expect((await usersAdd(args, env)).stderr).toContain(message);
  },
);
