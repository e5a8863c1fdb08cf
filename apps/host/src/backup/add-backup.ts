import {
  anotherPath,
  namedPath,
  positiveInteger,
  type Done,
  type Io,
  type OnOwnHost,
} from "@gatehouse/cli-kit";
import { addDatabaseOption } from "@gatehouse/data-folder/choose-database";
import type { Command } from "commander";
import type { BackupFlags } from "./backup-command.ts";
import type { KeyFlags } from "./key-files.ts";
import type { RestoreFlags } from "./restore-command.ts";
import type { ScheduleFlags } from "./schedule-command.ts";

const identity = [
  "--identity <file>",
  "the key of an encrypted backup, as age-keygen writes it; may be repeated",
] as const;
const passphraseFile = ["--passphrase-file <file>", "a file whose first line is the passphrase"] as const;

/** Adds `gatehouse backup` and `gatehouse backup verify`. */
export const addBackup = (program: Command, io: Io, done: Done, onOwnHost: OnOwnHost): void => {
  const backup = program
    .command("backup")
    .argument("[file]", "the new file; an existing one is never replaced", namedPath)
    .description("write all of a data folder to one file, also while its host runs; secrets only if asked")
    .option("--every [span]", "let the host make one so often: 12h, 1d, 2w; off ends it; alone shows it")
    .option("--to <folder>", "with --every: the folder of these files, best on another disk", namedPath)
    .option("--keep <number>", "with --every: how many of these files stay (default: 14)", positiveInteger)
    .option("--with-secrets", "with keys, secrets and tokens of bots; the file is then encrypted")
    .option("--recipient <key>", "encrypt the file for this key of age, age1...; may be repeated", another)
    .option(...passphraseFile, namedPath);
  addDatabaseOption(backup).action(async (file: string | undefined) => {
    const flags = backup.optsWithGlobals<BackupFlags & ScheduleFlags>();
    const { every, to, keep } = flags;
    if (file !== undefined && every !== undefined)
      backup.error("error: name a file for one backup, or --every for those of the host, not both");
    if (every === undefined && (to !== undefined || keep !== undefined))
      backup.error("error: --to and --keep go with --every");
    if (every !== undefined) {
      const { scheduleCommand } = await import("./schedule-command.ts");
      return done(await onOwnHost(flags, io, () => scheduleCommand(flags, io)));
    }
    if (file === undefined) return backup.error("error: missing required argument 'file'");
    const { backupCommand } = await import("./backup-command.ts");
    done(await onOwnHost(flags, io, () => backupCommand(file, flags, program.version() ?? "", io)));
  });
  const verify = backup
    .command("verify")
    .argument("<file>", "a backup", namedPath)
    .description("read a whole backup, and check each byte of it, its database and its schema")
    .option(...identity, anotherPath)
    .option(...passphraseFile, namedPath)
    .action(async (file: string) => {
      const { verifyCommand } = await import("./restore-command.ts");
      done(await verifyCommand(file, verify.optsWithGlobals<KeyFlags>(), io));
    });
};

/** Adds `gatehouse restore`. */
export const addRestore = (program: Command, io: Io, done: Done): void => {
  const restore = program
    .command("restore")
    .argument("<file>", "a backup", namedPath)
    .description("make a new data folder from a backup, all of it or nothing; --data names the folder")
    .option(
      "--in-place-of",
      "the host that was backed up is gone: this one takes its bots, machines and keys",
    )
    .option("--beside", "that host goes on: leave its bots, machines and keys out")
    .option(...identity, anotherPath)
    .option(...passphraseFile, namedPath)
    .action(async (file: string) => {
      const { restoreCommand } = await import("./restore-command.ts");
      done(await restoreCommand(file, restore.optsWithGlobals<RestoreFlags>(), io));
    });
};

const another = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];
