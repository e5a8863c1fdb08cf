import type { Account } from "../../account/account.ts";
import type { Owner, Ran, Run } from "../../ports.ts";
import type { FakeDisk } from "./fake-disk.fixture.ts";

type FakeSystem = {
  readonly disk: FakeDisk;
  readonly accounts: readonly Account[];
};

const said = (exitCode: number, stdout: string = "", stderr: string = ""): Ran => ({
  exitCode,
  stdout,
  stderr,
});

/** Fakes of the programs that the wizard runs, with the answers of macOS that it uses. */
export const fakePrograms = ({ disk, accounts }: FakeSystem): Run => {
  const named = (name: string) => accounts.find((account) => account.name === name);
  const find = (key: string) =>
    /^\d+$/.test(key) ? accounts.find(({ uid }) => uid === Number(key)) : named(key);

  const id = ([flag = "", key = ""]: readonly string[]): Ran => {
    const account = find(key);
    if (account === undefined) return said(1, "", `id: ${key}: no such user`);
    if (flag === "-Gn") return said(0, "staff\n");
    if (flag === "-G") return said(0, `${account.gid}\n`);
    const { name, uid, gid, home } = account;
    return said(0, `${name}:********:${uid}:${gid}::0:0:${name}:${home}:/bin/zsh\n`);
  };

  const mkdir = ([, mode = "", , path = ""]: readonly string[], as: Owner): Ran => {
    if (disk.obstacle(path) !== null) return said(1, "", `mkdir: ${path}: ${disk.obstacle(path)}`);
    if (disk.at(path) !== undefined) return said(1, "", `mkdir: ${path}: File exists`);
    if (!disk.mayWrite(path, as)) return said(1, "", `mkdir: ${path}: Permission denied`);
    disk.put(path, { kind: "directory", mode: Number.parseInt(mode, 8), uid: as.uid, gid: as.gid });
    return said(0);
  };

  /** `/bin/sh -c 'exec PROGRAM "$1"'` counts as PROGRAM. */
  const unwrapped = (words: readonly string[]): readonly string[] => {
    const [, program] = /^exec (\w+)/.exec(words[2] ?? "") ?? [];
    if (words[0] !== "/bin/sh") return words;
    return program === undefined ? ["sh", ...words.slice(1)] : [program, words.at(-1) ?? ""];
  };

  const asPerson = (account: Account, [program = "", ...args]: readonly string[], input: string): Ran => {
    const path = args.at(-1) ?? "";
    if (path === ":") return said(0);
    if (disk.obstacle(path) !== null || !disk.mayWrite(path, account))
      return said(1, "", `${program}: ${path}: Permission denied`);
    if (program === "sh" && disk.at(path) !== undefined)
      return said(2, "", `sh: 1: cannot create ${path}: File exists`);
    if (program === "sh")
      disk.put(path, { kind: "file", mode: 0o600, uid: account.uid, gid: account.gid }, input);
    if (program === "rm") disk.drop(path);
    return said(0, disk.at(path)?.text ?? "");
  };

  return async ([program = "", ...args], { as = { uid: 0, gid: 0 }, input = "" } = {}) => {
    if (program === "id") return id(args);
    if (program === "dscl")
      return said(0, accounts.map(({ name, uid }) => `${name.padEnd(24)}${uid}\n`).join(""));
    if (program === "mkdir") return mkdir(args, as);
    if (program === "visudo")
      return /NOPASSWD: \//.test(disk.at(args[1] ?? "")?.text ?? "") ? said(0) : said(1, "", "syntax error");
    const account = program === "sudo" ? named(args[3] ?? "") : undefined;
    if (account !== undefined) return asPerson(account, unwrapped(args.slice(5)), input);
    return { exitCode: null, stdout: "", stderr: `${program}: not found` };
  };
};
